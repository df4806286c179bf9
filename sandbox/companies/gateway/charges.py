"""Charges: money from a card or a bank account, exactly once for each key."""

from sqlite3 import Row
from typing import Any

from sandbox.accounts import ENDS_AFTER_MS
from sandbox.cards import DECLINES, failure_of
from sandbox.clock import iso
from sandbox.fields import amount_of, currency_of, idempotency_key_of, optional_text, text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.personas import opens_dispute
from sandbox.world import World

from . import accounts, disputes, events, records
from .authorizations import draw_on
from .methods import decline_of, usable

FILTERS = {"idempotency_key": "key", "reference": "reference"}


def create(world: World, request: Request) -> Answer:
    """Charge a payment method; a decline is stored under its key like a success."""
    key = idempotency_key_of(request)
    body = request.json()
    wanted = {
        "amount": amount_of(body),
        "currency": currency_of(body),
        "payment_method": text_of(body, "payment_method"),
        "reference": text_of(body, "reference"),
        "description": optional_text(body, "description", limit=1000),
        "authorization": optional_text(body, "authorization"),
    }
    row = records.stored(world, "charges", key, wanted)
    if row is not None and row["pulled"]:
        return json_answer(charge_json(world, row, as_first=True), 201, records.REPLAYED)
    if row is not None:
        return records.answer_for(row, charge_json(world, row, as_first=True), replayed=True)
    records.refuse_small(wanted)
    if accounts.debited(world, wanted["payment_method"], wanted["currency"]):
        return json_answer(charge_json(world, _begin_debit(world, key, wanted)), 201)
    row = _charge(world, key, wanted, usable(world, body))
    return records.answer_for(row, charge_json(world, row), replayed=False)


def _begin_debit(world: World, key: str, wanted: dict[str, Any]) -> Row:
    """Record a debit under way; `debits` ends it."""
    now_ms = world.clock.now_ms()
    values = {"key": key, "status": "pending", **wanted, "at": now_ms, "pulled": 1, "due_at": now_ms + ENDS_AFTER_MS}
    return records.insert(world, "charges", values)


def _charge(world: World, key: str, wanted: dict[str, Any], method: Row) -> Row:
    now_ms = world.clock.now_ms()
    failure = decline_of(world, method, is_charge=True)
    if wanted["authorization"] and failure == "authentication_required":
        failure = None  # The person confirmed when the hold was made.
    if wanted["authorization"] and failure is None:
        draw_on(world, wanted, now_ms)
    status = {None: "succeeded", "authentication_required": "requires_action"}.get(failure, "failed")
    row = records.insert(world, "charges", {"key": key, "status": status, **wanted, "failure": failure, "at": now_ms})
    if status == "succeeded":
        tell_success(world, row, method["customer_email"])
    elif events.listens(world):
        events.tell(world, "charge.failed", charge_json(world, row))
    return row


def tell_success(world: World, row: Row, email: str) -> None:
    """Send `charge.succeeded`, and open the dispute of a `+dispute` customer."""
    if events.listens(world):
        events.tell(world, "charge.succeeded", charge_json(world, row))
    if opens_dispute(world, email):
        disputes.begin(world, row, disputes.USUAL)


RETURN_FEE = 500
"""The gateway's fee for a charge that the payer's bank takes back, in minor units of its currency."""


def is_returnable(row: Row) -> bool:
    """Whether the payer's bank can take a charge back: it succeeded, and nothing of it was returned yet."""
    return (row["status"] == "succeeded" or bool(row["confirmed"])) and not row["refunded"] and not row["withdrawn"]


def fail(world: World, row: Row, failure: str) -> dict[str, Any]:
    """Let the payer's bank take a charge back days later, as with debits: the whole amount is returned, and the gateway takes a fee."""
    if not is_returnable(row):
        refuse(409, "charge_not_returnable", f"This charge is {row['status']}, or some of it went back before.")
    sql = "UPDATE charges SET status = 'failed', confirmed = 0, failure = ?, fee = fee + ? WHERE seq = ?"
    world.store.run(sql, [failure, RETURN_FEE, row["seq"]])
    changed = world.store.one("SELECT * FROM charges WHERE seq = ?", row["seq"])
    assert changed is not None
    document = charge_json(world, changed)
    events.tell(world, "charge.failed", document)
    return document


def get(world: World, request: Request) -> Answer:
    """Show a charge."""
    return json_answer(charge_json(world, records.get_or_404(world, "charges", "ch", request)))


def index(world: World, request: Request) -> Answer:
    """The gateway's own report of charges."""
    return records.listing(world, request, "charges", FILTERS, charge_json)


def charge_json(world: World, row: Row, *, as_first: bool = False) -> dict[str, Any]:
    """A charge as JSON; `as_first` gives the answer of its creation, whatever happened later."""
    confirmed = row["confirmed"] and not as_first
    public_id = records.charge_id(world, row)
    waits = row["status"] == "requires_action" and not confirmed
    return {
        "id": public_id,
        "status": "pending" if as_first and row["pulled"] else "succeeded" if confirmed else row["status"],
        "idempotency_key": row["key"],
        "amount": row["amount"],
        "currency": row["currency"],
        "refunded": 0 if as_first else row["refunded"],
        "withdrawn": 0 if as_first else row["withdrawn"],
        "fee": 0 if as_first else row["fee"],
        "payment_method": row["payment_method"],
        "reference": row["reference"],
        "description": row["description"],
        "authorization": row["authorization"],
        "failure": None if confirmed or (as_first and row["pulled"]) else _failure_json(row["failure"]),
        "action_url": world.url(f"/gateway/confirm/{public_id}") if waits else None,
        "at": iso(row["at"]),
    }


def _failure_json(code: str | None) -> dict[str, str] | None:
    """Why a charge failed: the card's decline, or the payer's bank days later."""
    return failure_of(code) if code in DECLINES else records.failure_json(code)
