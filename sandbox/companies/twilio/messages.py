"""Twilio Messages: an SMS that lands on the phone page."""

from sqlite3 import Row
from typing import Any

from sandbox import letters
from sandbox.message import Answer, Request, json_answer
from sandbox.world import World

from .protocol import account_of, error, is_phone, rfc2822

FROM_SERVICE = "+15005550006"
MAX_BODY = 1600


def create(world: World, request: Request) -> Answer:
    """Send an SMS."""
    account = account_of(request)
    form = request.form()
    to, body = form.get("To", "").strip(), form.get("Body", "")
    sender, service = form.get("From", ""), form.get("MessagingServiceSid")
    if not to:
        return error(400, 21604, "A 'To' phone number is required.")
    if not is_phone(to):
        return error(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not sender and not service:
        return error(400, 21603, "A 'From' phone number is required.")
    if not body:
        return error(400, 21602, "Message body is required.")
    if len(body) > MAX_BODY:
        return error(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    message = letters.keep(world, "sms", to=to, sender=sender or FROM_SERVICE, text=body)
    row = _row(world, message)
    assert row is not None
    return json_answer(_message_json(world, row, account, service, "queued"), 201)


def fetch(world: World, request: Request) -> Answer:
    """Show an SMS; it is delivered as soon as it is sent."""
    account = account_of(request)
    seq_text = request.params["sid"].removeprefix("SM")
    row = None
    if len(seq_text) == 32 and seq_text.startswith("0" * 4) and all(letter in "0123456789abcdef" for letter in seq_text):
        row = world.store.one("SELECT * FROM messages WHERE seq = ? AND kind = 'sms'", int(seq_text[:-6], 16))
    if row is None or _sid(world, row) != request.params["sid"]:
        return error(404, 20404, f"The requested resource {request.path} was not found")
    return json_answer(_message_json(world, row, account, None, "delivered"))


def _row(world: World, message: str) -> Row | None:
    return world.store.one("SELECT * FROM messages WHERE seq = ?", world.store.seq_of("msg", message))


def _sid(world: World, row: Row) -> str:
    return f"SM{row['seq']:026x}{world.store.world}"


def _message_json(world: World, row: Row, account: str, service: str | None, status: str) -> dict[str, Any]:
    public_sid = _sid(world, row)
    uri = f"/2010-04-01/Accounts/{account}/Messages/{public_sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": row["text"],
        "date_created": rfc2822(row["at"]),
        "date_sent": rfc2822(row["at"]) if status == "delivered" else None,
        "date_updated": rfc2822(row["at"]),
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": row["sender"],
        "messaging_service_sid": service,
        "num_media": "0",
        "num_segments": str(1 + len(row["text"]) // 161),
        "price": None,
        "price_unit": "USD",
        "sid": public_sid,
        "status": status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": row["to_text"],
        "uri": f"{uri}.json",
    }
