"""Refunds: money back to the card, never more than was charged."""

from sqlite3 import Row
from typing import Any

from sandbox.clock import iso
from sandbox.fields import amount_of, idempotency_key_of, optional_text, text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World

from . import events, records
from .methods import usable

FILTERS = {"idempotency_key": "key", "reference": "reference", "charge": "charge"}


def create(world: World, request: Request) -> Answer:
    """Refund a charge in part or whole, to its own card or to another `payment_method`."""
    key = idempotency_key_of(request)
    body = request.json()
    wanted: dict[str, Any] = {"charge": text_of(body, "charge"), "amount": amount_of(body), "reference": text_of(body, "reference")}
    wanted["payment_method"] = optional_text(body, "payment_method")
    if wanted["payment_method"]:
        usable(world, body)
    row = records.stored(world, "refunds", key, wanted)
    if row is not None:
        return records.answer_for(row, refund_json(world, row), replayed=True)
    charge = _refundable(world, wanted["charge"], wanted["amount"])
    world.store.run("UPDATE charges SET refunded = refunded + ? WHERE seq = ?", [wanted["amount"], charge["seq"]])
    values = {"key": key, "status": "succeeded", **wanted, "currency": charge["currency"], "at": world.clock.now_ms()}
    row = records.insert(world, "refunds", values)
    document = refund_json(world, row)
    if events.listens(world):
        events.tell(world, "refund.succeeded", document)
    return records.answer_for(row, document, replayed=False)


def _refundable(world: World, charge_id: str, amount: int) -> Row:
    charge = records.found(world, "charges", "ch", charge_id)
    if charge is None:
        refuse(400, "invalid_request", "There is no such charge.", field="charge")
    if charge["status"] != "succeeded" and not charge["confirmed"]:
        refuse(409, "charge_not_refundable", "This charge did not succeed.")
    left = charge["amount"] - charge["refunded"]
    if amount > left:
        refuse(409, "refund_exceeds_charge", f"Only {left} of this charge can still be refunded.", refundable=left)
    return charge


def fail(world: World, row: Row, failure: str) -> dict[str, Any]:
    """Let the card's bank return a refund, days later: its amount is in the gateway's balance again."""
    if row["status"] != "succeeded":
        refuse(409, "refund_not_done", f"This refund is {row['status']}.")
    charge = records.found(world, "charges", "ch", row["charge"])
    assert charge is not None
    world.store.run("UPDATE charges SET refunded = refunded - ? WHERE seq = ?", [row["amount"], charge["seq"]])
    world.store.run("UPDATE refunds SET status = 'failed', failure = ? WHERE seq = ?", [failure, row["seq"]])
    changed = world.store.one("SELECT * FROM refunds WHERE seq = ?", row["seq"])
    assert changed is not None
    document = refund_json(world, changed)
    events.tell(world, "refund.failed", document)
    return document


def get(world: World, request: Request) -> Answer:
    """Show a refund."""
    return json_answer(refund_json(world, records.get_or_404(world, "refunds", "re", request)))


def index(world: World, request: Request) -> Answer:
    """The gateway's own report of refunds."""
    return records.listing(world, request, "refunds", FILTERS, refund_json)


def refund_json(world: World, row: Row) -> dict[str, Any]:
    """A refund as JSON."""
    return {
        "id": world.store.id_of("re", row["seq"]),
        "status": row["status"],
        "idempotency_key": row["key"],
        "charge": row["charge"],
        "amount": row["amount"],
        "currency": row["currency"],
        "reference": row["reference"],
        "payment_method": row["payment_method"],
        "failure": records.failure_json(row["failure"]),
        "at": iso(row["at"]),
    }
