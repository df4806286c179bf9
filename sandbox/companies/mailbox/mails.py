"""The mailbox: every e-mail of the sandbox, as pages and as an API."""

import json
from sqlite3 import Row
from typing import Any

from sandbox import letters
from sandbox.clock import for_people, iso
from sandbox.fields import text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.page import fill, html_answer, missing, page
from sandbox.texts import say
from sandbox.world import World

MAX_BATCH = 1000
# E-mails have their own inline styles and images; scripts, forms and everything else are forbidden, links open in the whole window.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src http: https: data:; font-src http: https: data:; base-uri 'none'; frame-ancestors 'self'"
)
SHELF = letters.Shelf(
    kind="email",
    title="Mailbox",
    address="/mailbox/",
    lead="Every e-mail of the sandbox lands here, whoever it is for.",
    label="Filter by e-mail address",
    empty="No e-mail yet. Messages appear here as soon as the platform sends one; ask for a one-time code to try it.",
    empty_to="No e-mail to $to yet. Clear the filter to see all.",
    row="mail_row",
)


def accept(world: World, request: Request) -> Answer:
    """Take a batch of e-mails, all or none."""
    batch = request.json_document()
    if not isinstance(batch, list) or len(batch) > MAX_BATCH:
        refuse(400, "invalid_request", f"The body must be a JSON list of at most {MAX_BATCH} messages.")
    ids = [_keep_email(world, message) for message in batch]
    return json_answer({"accepted": len(ids), "ids": ids}, 201)


def _keep_email(world: World, message: Any) -> str:
    if not isinstance(message, dict):
        refuse(400, "invalid_request", "Each message must be a JSON object.")
    headers, html = message.get("headers"), message.get("html")
    if headers is not None and not isinstance(headers, dict):
        refuse(400, "invalid_request", "headers must be a JSON object.", field="headers")
    texts = {name: message.get(name) or "" for name in ("subject", "text")}
    if not all(isinstance(value, str) for value in (*texts.values(), html or "")):
        refuse(400, "invalid_request", "subject, text and html must be texts.")
    return letters.keep(
        world,
        "email",
        to=text_of(message, "to", limit=1000),
        sender=text_of(message, "from", limit=1000),
        html=html or None,
        headers=json.dumps(headers) if headers else None,
        **texts,
    )


def api_list(world: World, request: Request) -> Answer:
    """E-mails as JSON, newest first."""
    return letters.listing(world, request, "email", mail_json)


def api_message(world: World, request: Request) -> Answer:
    """One e-mail as JSON."""
    row = _found(world, request)
    if row is None:
        refuse(404, "not_found", "There is no such message.")
    return json_answer(mail_json(world, row))


def mail_json(world: World, row: Row) -> dict[str, Any]:
    """An e-mail as JSON."""
    return {
        "id": world.store.id_of("msg", row["seq"]),
        "to": row["to_text"],
        "from": row["sender"],
        "subject": row["subject"],
        "text": row["text"],
        "html": row["html"],
        "headers": json.loads(row["headers"] or "{}"),
        "at": iso(row["at"]),
    }


def mailbox(world: World, request: Request) -> Answer:
    """The list of e-mails, newest first."""
    return letters.shelf_page(world, request, SHELF)


def message(world: World, request: Request) -> Answer:
    """One e-mail."""
    row = _found(world, request)
    if row is None:
        return missing("This message does not exist. It may be from before the sandbox was reset.")
    text = fill("mail_text", text=row["text"] or say("(empty)"))
    content = (
        fill("mail_frame", address=f"/mailbox/{request.params['id']}/html", subject=row["subject"], text=text) if row["html"] else text
    )
    body = fill(
        "mail",
        subject=row["subject"] or say("(no subject)"),
        sender=row["sender"],
        to=row["to_text"],
        at=for_people(row["at"]),
        content=content,
    )
    return page(row["subject"] or say("Message"), body)


def message_html(world: World, request: Request) -> Answer:
    """The HTML part of an e-mail, for its frame."""
    row = _found(world, request)
    if row is None or not row["html"]:
        return missing("This message has no HTML part.")
    return html_answer('<base target="_top">' + row["html"], 200, MAIL_POLICY)


def _found(world: World, request: Request) -> Row | None:
    seq = world.store.seq_of("msg", request.params["id"])
    return world.store.one("SELECT * FROM messages WHERE seq = ? AND kind = 'email'", seq)
