"""Disputes: a cardholder's bank withdraws a charge for a while, and decides for one side."""

from sqlite3 import Row
from typing import Any

from sandbox.clock import iso
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World

from . import events, records

USUAL = "product_not_received"
FEE = 1_500
"""The gateway's fee for a dispute, in minor units of its currency; returned if the shop's side wins."""
FILTERS = {"charge": "charge", "reference": "reference"}


def begin(world: World, charge: Row, reason: str, amount: int | None = None) -> dict[str, Any]:
    """Open a dispute of a successful charge, or of a part of it: the amount and a fee leave the balance; send its event."""
    if charge["status"] != "succeeded" and not charge["confirmed"]:
        refuse(409, "charge_not_disputable", "This charge did not succeed.")
    disputed = charge["amount"] if amount is None else min(amount, charge["amount"])
    own = {"charge": records.charge_id(world, charge), "amount": disputed, "currency": charge["currency"]}
    values = {**own, "reference": charge["reference"], "reason": reason, "status": "needs_response", "at": world.clock.now_ms()}
    document = dispute_json(world, _withdraw(world, records.insert(world, "disputes", values), disputed, FEE))
    events.tell(world, "dispute.created", document)
    return document


def close(world: World, row: Row, outcome: str) -> dict[str, Any]:
    """Decide a dispute, or reverse an earlier decision, and send its event.

    `won` by the shop's side, which gets the money and the fee back, or `lost` to the cardholder.
    """
    if row["status"] == outcome:
        refuse(409, "dispute_closed", f"This dispute is {row['status']}.")
    world.store.run("UPDATE disputes SET status = ? WHERE seq = ?", [outcome, row["seq"]])
    changed = _withdraw(world, row, *((0, 0) if outcome == "won" else (row["amount"], FEE)))
    document = dispute_json(world, changed)
    events.tell(world, "dispute.closed", document)
    return document


def _withdraw(world: World, row: Row, withdrawn: int, fee: int) -> Row:
    """Set how much of a charge, and of the fee, a dispute keeps out of the balance from now on."""
    moved, charged = withdrawn - row["withdrawn"], fee - row["fee"]
    world.store.run("UPDATE disputes SET withdrawn = ?, fee = ? WHERE seq = ?", [withdrawn, fee, row["seq"]])
    seq = world.store.seq_of("ch", row["charge"])
    world.store.run("UPDATE charges SET withdrawn = withdrawn + ?, fee = fee + ? WHERE seq = ?", [moved, charged, seq])
    changed = world.store.one("SELECT * FROM disputes WHERE seq = ?", row["seq"])
    assert changed is not None
    return changed


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
        "withdrawn": row["withdrawn"],
        "fee": row["fee"],
        "at": iso(row["at"]),
    }
