"""Payouts: money to a merchant's bank account."""

from sqlite3 import Row
from typing import Any

from sandbox.clock import iso
from sandbox.fields import amount_of, currency_of, idempotency_key_of, text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World

from . import events, records

FILTERS = {"idempotency_key": "key", "reference": "reference"}


def create(world: World, request: Request) -> Answer:
    """Pay out; a destination that ends in `_fails` has a closed account."""
    key = idempotency_key_of(request)
    body = request.json()
    wanted: dict[str, Any] = {
        "amount": amount_of(body),
        "currency": currency_of(body),
        "destination": text_of(body, "destination"),
        "reference": text_of(body, "reference"),
    }
    row = records.stored(world, "payouts", key, wanted)
    if row is not None:
        return records.answer_for(row, payout_json(world, row), replayed=True)
    failure = "account_closed" if wanted["destination"].endswith("_fails") else None
    status = "failed" if failure else "paid"
    row = records.insert(world, "payouts", {"key": key, "status": status, **wanted, "failure": failure, "at": world.clock.now_ms()})
    document = payout_json(world, row)
    if events.listens(world):
        events.tell(world, f"payout.{status}", document)
    return records.answer_for(row, document, replayed=False)


def fail(world: World, row: Row, failure: str) -> dict[str, Any]:
    """Let the shop's bank return a payout, days later."""
    if row["status"] != "paid":
        refuse(409, "payout_not_paid", f"This payout is {row['status']}.")
    world.store.run("UPDATE payouts SET status = 'failed', failure = ? WHERE seq = ?", [failure, row["seq"]])
    changed = world.store.one("SELECT * FROM payouts WHERE seq = ?", row["seq"])
    assert changed is not None
    document = payout_json(world, changed)
    events.tell(world, "payout.failed", document)
    return document


def get(world: World, request: Request) -> Answer:
    """Show a payout."""
    return json_answer(payout_json(world, records.get_or_404(world, "payouts", "po", request)))


def index(world: World, request: Request) -> Answer:
    """The gateway's own report of payouts."""
    return records.listing(world, request, "payouts", FILTERS, payout_json)


def payout_json(world: World, row: Row) -> dict[str, Any]:
    """A payout as JSON."""
    return {
        "id": world.store.id_of("po", row["seq"]),
        "status": row["status"],
        "idempotency_key": row["key"],
        "amount": row["amount"],
        "currency": row["currency"],
        "destination": row["destination"],
        "reference": row["reference"],
        "failure": records.failure_json(row["failure"]),
        "at": iso(row["at"]),
    }
