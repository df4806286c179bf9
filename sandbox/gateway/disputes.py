"""Disputes: a cardholder's bank takes a charge back for a while, and decides whose it is."""

from sqlite3 import Row
from typing import Any

from sandbox.clock import iso
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World

from . import records

USUAL = "product_not_received"
OUTCOMES = ("won", "lost")
FILTERS = {"charge": "charge", "reference": "reference"}


def begin(world: World, charge: Row, reason: str) -> dict[str, Any]:
    """Open a dispute of a charge that succeeded, and tell it."""
    if charge["status"] != "succeeded" and not charge["confirmed"]:
        refuse(409, "charge_not_disputable", "This charge did not succeed.")
    own = {"charge": records.charge_id(world, charge), "amount": charge["amount"], "currency": charge["currency"]}
    values = {**own, "reference": charge["reference"], "reason": reason, "at": world.clock.now_ms()}
    document = dispute_json(world, records.insert(world, "disputes", values))
    world.courier.record("gateway", "dispute.created", document)
    return document


def close(world: World, row: Row, outcome: str) -> dict[str, Any]:
    """Decide a dispute: `won` by the shop's side, or `lost` to the cardholder; and tell it."""
    if row["status"] in OUTCOMES:
        refuse(409, "dispute_closed", f"This dispute is {row['status']}.")
    world.store.run("UPDATE disputes SET status = ? WHERE seq = ?", [outcome, row["seq"]])
    changed = world.store.one("SELECT * FROM disputes WHERE seq = ?", row["seq"])
    assert changed is not None
    document = dispute_json(world, changed)
    world.courier.record("gateway", "dispute.closed", document)
    return document


def get(world: World, request: Request) -> Answer:
    """Show a dispute."""
    return json_answer(dispute_json(world, records.get_or_404(world, "disputes", "dp", request)))


def index(world: World, request: Request) -> Answer:
    """All disputes."""
    return records.listing(world, request, "disputes", FILTERS, dispute_json)


def dispute_json(world: World, row: Row) -> dict[str, Any]:
    """A dispute as JSON."""
    return {
        "id": world.store.id_of("dp", row["seq"]),
        "charge": row["charge"],
        "amount": row["amount"],
        "currency": row["currency"],
        "reference": row["reference"],
        "reason": row["reason"],
        "status": row["status"],
        "at": iso(row["at"]),
    }
