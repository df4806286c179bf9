"""Twilio Verify v2: send a one-time code, check it. 111111 always passes, 999999 always fails."""

import json
import re
import secrets
from sqlite3 import Row
from typing import Any

from sandbox import letters
from sandbox.message import Answer, Request, json_answer
from sandbox.texts import say, speak_to
from sandbox.world import World

from .protocol import account_of, error, is_phone, short_iso, sid

LASTS_MS = 10 * 60 * 1000
MAX_CHECKS = 5
MAX_SENDS = 5
ALWAYS_PASSES = "111111"
ALWAYS_FAILS = "999999"
SERVICE = re.compile(r"VA[0-9a-fA-F]{32}")
SENDER = {"email": "Verification <verify@sandbox.example>", "sms": "+15005550006"}
PENDING = "SELECT * FROM verifications WHERE service_sid = ? AND recipient = ? AND status = 'pending' AND at > ? ORDER BY at DESC LIMIT 1"


def start(world: World, request: Request) -> Answer:
    """Send a code; while one is pending, the same code is sent again, at most five times."""
    account, service = account_of(request), request.params["service"]
    form = request.form()
    if not SERVICE.fullmatch(service):
        return error(404, 20404, f"The requested resource {request.path.removeprefix('/v2')} was not found")
    to, channel = form.get("To", "").strip(), form.get("Channel", "")
    if channel not in SENDER:
        return error(400, 60200, f"Invalid parameter `Channel`: {channel}")
    if not (is_phone(to) if channel == "sms" else "@" in to and len(to) <= 255):
        return error(400, 60200, f"Invalid parameter `To`: {to}")
    now_ms = world.clock.now_ms()
    row = _pending(world, service, to)
    sends = json.loads(row["sends"]) if row else []
    if len(sends) >= MAX_SENDS:
        return error(429, 60203, "Max send attempts reached")
    sends.append({"attempt_sid": sid("VL"), "channel": channel, "time": short_iso(now_ms)})
    code = row["code"] if row else f"{secrets.randbelow(1_000_000):06d}"
    if row is None:
        values = [sid("VE"), service, account, to.lower(), channel, code, json.dumps(sends), now_ms, now_ms]
        world.store.run("INSERT INTO verifications VALUES (?, ?, ?, ?, ?, ?, 'pending', 0, ?, ?, ?)", values)
    else:
        sql = "UPDATE verifications SET sends = ?, channel = ?, updated_at = ? WHERE sid = ?"
        world.store.run(sql, [json.dumps(sends), channel, now_ms, row["sid"]])
    speak_to(request, form.get("Locale"))
    _send(world, to, channel, code, form.get("CustomFriendlyName"))
    sent = _pending(world, service, to)
    assert sent is not None
    return json_answer(_verification_json(sent, to), 201)


def check(world: World, request: Request) -> Answer:
    """Check a code."""
    account_of(request)
    form = request.form()
    to, code = form.get("To", "").strip(), form.get("Code", "")
    if not code:
        return error(400, 60200, "Missing required parameter `Code`")
    row = _pending_by_sid(world, form["VerificationSid"]) if "VerificationSid" in form else _pending(world, request.params["service"], to)
    if row is None:
        return error(404, 20404, f"The requested resource {request.path.removeprefix('/v2')} was not found")
    if row["checks"] >= MAX_CHECKS:
        return error(429, 60202, "Max check attempts reached")
    passes = code != ALWAYS_FAILS and (code == ALWAYS_PASSES or secrets.compare_digest(code.encode(), row["code"].encode()))
    status = "approved" if passes else "pending"
    sql = "UPDATE verifications SET status = ?, checks = checks + 1, updated_at = ? WHERE sid = ? RETURNING *"
    checked = world.store.one(sql, status, world.clock.now_ms(), row["sid"])
    assert checked is not None
    return json_answer({**_base_json(checked, to or row["recipient"]), "valid": passes, "sna_attempts_error_codes": []})


def update(world: World, request: Request) -> Answer:
    """End a pending verification: `canceled` or `approved`."""
    account_of(request)
    status = request.form().get("Status", "")
    if status not in ("canceled", "approved"):
        return error(400, 60200, f"Invalid parameter `Status`: {status}")
    if _pending_by_sid(world, request.params["sid"]) is None:
        return error(404, 20404, f"The requested resource {request.path.removeprefix('/v2')} was not found")
    sql = "UPDATE verifications SET status = ?, updated_at = ? WHERE sid = ? RETURNING *"
    row = world.store.one(sql, status, world.clock.now_ms(), request.params["sid"])
    assert row is not None
    return json_answer(_verification_json(row, row["recipient"]))


def fetch(world: World, request: Request) -> Answer:
    """Show a verification."""
    account_of(request)
    row = world.store.one("SELECT * FROM verifications WHERE sid = ?", request.params["sid"])
    if row is None:
        return error(404, 20404, f"The requested resource {request.path.removeprefix('/v2')} was not found")
    return json_answer(_verification_json(row, row["recipient"]))


def _pending(world: World, service: str, to: str) -> Row | None:
    return world.store.one(PENDING, service, to.lower(), world.clock.now_ms() - LASTS_MS)


def _pending_by_sid(world: World, verification: str) -> Row | None:
    sql = "SELECT * FROM verifications WHERE sid = ? AND status = 'pending' AND at > ?"
    return world.store.one(sql, verification, world.clock.now_ms() - LASTS_MS)


def _send(world: World, to: str, channel: str, code: str, name: str | None) -> None:
    named = say("$code is your $name verification code." if name else "$code is your verification code.", code=code, name=name)
    text = f"{named} {say('It is good for ten minutes. Do not share it with anyone.')}"
    if channel == "sms":
        letters.keep(world, "sms", to=to, sender=SENDER["sms"], text=text)
    else:
        letters.keep(world, "email", to=to, sender=SENDER["email"], subject=named.rstrip("."), text=text)


def _base_json(row: Row, to: str) -> dict[str, Any]:
    return {
        "sid": row["sid"],
        "service_sid": row["service_sid"],
        "account_sid": row["account_sid"],
        "to": to,
        "channel": row["channel"],
        "status": row["status"],
        "amount": None,
        "payee": None,
        "date_created": short_iso(row["at"]),
        "date_updated": short_iso(row["updated_at"]),
    }


def _verification_json(row: Row, to: str) -> dict[str, Any]:
    return {
        **_base_json(row, to),
        "valid": row["status"] == "approved",
        "lookup": {},
        "send_code_attempts": json.loads(row["sends"]),
        "sna": None,
        "url": f"https://verify.twilio.com/v2/Services/{row['service_sid']}/Verifications/{row['sid']}",
    }
