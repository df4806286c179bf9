"""Debits of bank accounts: under way for two days, then cleared or failed, and perhaps claimed back after that."""

from sqlite3 import Row
from typing import Any

from sandbox.accounts import CLAIMED, CLAIMED_AFTER_MS, CLAIMED_BACK, LACKS_FUNDS
from sandbox.message import refuse
from sandbox.world import World

from . import accounts, charges, events, records


def do_due(world: World) -> None:
    """End the debits that are due, and let payers claim back the debits that they claim."""
    rows = world.store.all("SELECT * FROM charges WHERE due_at <= ? ORDER BY due_at, seq", world.clock.now_ms())
    for row in rows:
        _go_on(world, row)


def _go_on(world: World, row: Row) -> None:
    account = accounts.find(world, row["payment_method"])
    assert account is not None
    if row["status"] != "pending":
        _stop(world, row)
        if charges.is_returnable(row):
            charges.fail(world, row, CLAIMED)
    elif account["behavior"] == LACKS_FUNDS:
        fail(world, row, "insufficient_funds")
    else:
        clear(world, row)


def clear(world: World, row: Row) -> dict[str, Any]:
    """Let a debit clear now."""
    account = accounts.find(world, row["payment_method"])
    if row["status"] != "pending" or account is None:
        refuse(409, "charge_not_pending", f"This charge is {row['status']}.")
    claims_at = world.clock.now_ms() + CLAIMED_AFTER_MS if account["behavior"] == CLAIMED_BACK else None
    world.store.run("UPDATE charges SET status = 'succeeded', due_at = ? WHERE seq = ?", [claims_at, row["seq"]])
    changed = records.at(world, "charges", row["seq"])
    charges.tell_success(world, changed, account["customer_email"])
    return charges.charge_json(world, changed)


def fail(world: World, row: Row, failure: str) -> dict[str, Any]:
    """Let a debit under way fail now, without a fee."""
    world.store.run("UPDATE charges SET status = 'failed', failure = ?, due_at = NULL WHERE seq = ?", [failure, row["seq"]])
    document = charges.charge_json(world, records.at(world, "charges", row["seq"]))
    events.tell(world, "charge.failed", document)
    return document


def _stop(world: World, row: Row) -> None:
    world.store.run("UPDATE charges SET due_at = NULL WHERE seq = ?", [row["seq"]])
