"""The mailbox and the phone: every e-mail and SMS of the sandbox, as pages and as an API."""

import json
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode

from sandbox.clock import for_people, iso
from sandbox.fields import cursor_of, limit_of, text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.page import Safe, fill, html_answer, missing, page
from sandbox.world import World

MAX_BATCH = 1000
PAGE_SIZE = 50
END = 2**62
# E-mails have their own inline styles and images; scripts, forms and everything else are forbidden, links open in the whole window.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src http: https: data:; font-src http: https: data:; base-uri 'none'; frame-ancestors 'self'"
)


def keep(
    world: World, kind: str, *, to: str, sender: str, text: str, subject: str = "", html: str | None = None, headers: str | None = None
) -> str:
    """Store a message (`email` or `sms`) and return its id."""
    seq = world.store.next_seq("messages")
    values = [seq, kind, to.strip().lower(), to, sender, subject, text, html, headers, world.clock.now_ms()]
    world.store.run("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    return world.store.id_of("msg", seq)


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
    return keep(
        world,
        "email",
        to=text_of(message, "to", limit=1000),
        sender=text_of(message, "from", limit=1000),
        html=html or None,
        headers=json.dumps(headers) if headers else None,
        **texts,
    )


def api_mail(world: World, request: Request) -> Answer:
    """E-mails as JSON, newest first."""
    return _api(world, request, "email", mail_json)


def api_phone(world: World, request: Request) -> Answer:
    """SMS as JSON, newest first."""
    return _api(world, request, "sms", sms_json)


def _api(world: World, request: Request, kind: str, render: Any) -> Answer:
    query = request.query
    limit, before = limit_of(query), cursor_of(query, END)
    to = query.get("to", "").strip().lower()
    where = "kind = ? AND recipient = ? AND seq < ?" if to else "kind = ? AND seq < ?"
    values = [kind, to, before] if to else [kind, before]
    rows = world.store.all(f"SELECT * FROM messages WHERE {where} ORDER BY seq DESC LIMIT ?", *values, limit + 1)  # noqa: S608 - names are ours, values are bound
    more = len(rows) > limit
    rows = rows[:limit]
    return json_answer({"data": [render(world, row) for row in rows], "next_cursor": str(rows[-1]["seq"]) if more else None})


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


def sms_json(world: World, row: Row) -> dict[str, Any]:
    """An SMS as JSON."""
    return {
        "id": world.store.id_of("msg", row["seq"]),
        "to": row["to_text"],
        "from": row["sender"],
        "text": row["text"],
        "at": iso(row["at"]),
    }


def mailbox(world: World, request: Request) -> Answer:
    """The list of e-mails, newest first."""
    return _list_page(world, request, "email", "Mailbox", "/mailbox/", "Every e-mail of the sandbox lands here, whoever it is for.")


def phone(world: World, request: Request) -> Answer:
    """The list of SMS, newest first."""
    return _list_page(world, request, "sms", "Phone", "/phone/", "Every SMS of the sandbox lands here, one-time codes too.")


def _list_page(world: World, request: Request, kind: str, title: str, address: str, lead: str) -> Answer:
    query = request.query
    to, before = query.get("to", "").strip(), cursor_of(query, END)
    pattern = "%" + to.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    where = "kind = ? AND seq < ?" + (" AND recipient LIKE ? ESCAPE '\\'" if to else "")
    values = [kind, before, *([pattern] if to else [])]
    rows = world.store.all(f"SELECT * FROM messages WHERE {where} ORDER BY seq DESC LIMIT ?", *values, PAGE_SIZE + 1)  # noqa: S608 - names are ours, values are bound
    shown = rows[:PAGE_SIZE]
    row_template = "mail_row" if kind == "email" else "sms_row"
    items = Safe("".join(_row(world, row, row_template) for row in shown))
    listed = fill("rows", rows=items) if shown else fill("empty", text=_empty(kind, to))
    pager = Safe("")
    if len(rows) > PAGE_SIZE:
        older = f"{address}?" + urlencode({"to": to, "cursor": shown[-1]["seq"]})
        pager = fill("pager", older=older)
    label = "Filter by e-mail address" if kind == "email" else "Filter by phone number"
    return page(title, fill("messages", title=title, lead=lead, address=address, to=to, label=label, rows=listed, pager=pager))


def _row(world: World, row: Row, template: str) -> Safe:
    return fill(
        template,
        address=f"/mailbox/{world.store.id_of('msg', row['seq'])}",
        subject=row["subject"] or "(no subject)",
        to=row["to_text"],
        sender=row["sender"],
        text=row["text"],
        at=for_people(row["at"]),
        iso=iso(row["at"]),
    )


def _empty(kind: str, to: str) -> str:
    what = "e-mail" if kind == "email" else "SMS"
    if to:
        return f"No {what} to {to} yet. Clear the filter to see all."
    return f"No {what} yet. Messages appear here as soon as the platform sends one; ask for a one-time code to try it."


def message(world: World, request: Request) -> Answer:
    """One e-mail."""
    row = _found(world, request)
    if row is None:
        return missing("This message does not exist. It may be from before the sandbox was reset.")
    text = fill("mail_text", text=row["text"] or "(empty)")
    content = (
        fill("mail_frame", address=f"/mailbox/{request.params['id']}/html", subject=row["subject"], text=text) if row["html"] else text
    )
    body = fill(
        "mail", subject=row["subject"] or "(no subject)", sender=row["sender"], to=row["to_text"], at=for_people(row["at"]), content=content
    )
    return page(row["subject"] or "Message", body)


def message_html(world: World, request: Request) -> Answer:
    """The HTML part of an e-mail, for its frame."""
    row = _found(world, request)
    if row is None or not row["html"]:
        return missing("This message has no HTML part.")
    return html_answer('<base target="_top">' + row["html"], 200, MAIL_POLICY)


def _found(world: World, request: Request) -> Row | None:
    seq = world.store.seq_of("msg", request.params["id"])
    return world.store.one("SELECT * FROM messages WHERE seq = ? AND kind = 'email'", seq)


ROUTES = [
    ("POST", "/mailbox/messages", accept),
    ("GET", "/mailbox/api/messages", api_mail),
    ("GET", "/mailbox/api/messages/{id}", api_message),
    ("GET", "/phone/api/messages", api_phone),
    ("GET", "/mailbox/", mailbox),
    ("GET", "/mailbox", mailbox),
    ("GET", "/phone/", phone),
    ("GET", "/phone", phone),
    ("GET", "/mailbox/{id}", message),
    ("GET", "/mailbox/{id}/html", message_html),
]
