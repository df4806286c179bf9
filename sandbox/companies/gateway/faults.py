"""What banks do days later with the gateway's objects, which are named by their id or by the idempotency key of their request."""

from sqlite3 import Row
from typing import Any

from sandbox.world import Faults, World

from . import charges, debits, disputes, payouts, records, refunds

PREFIXES = {"charges": "ch", "refunds": "re", "payouts": "po"}


def _found(world: World, kind: str, name: str) -> Row | None:
    row = records.found(world, kind, PREFIXES[kind], name)
    return row or world.store.one(f"SELECT * FROM {kind} WHERE key = ?", name)  # noqa: S608 - names are ours, values are bound


def _fail_charge(world: World, name: str, failure: str) -> dict[str, Any] | None:
    """Let a debit under way fail, or take back a charge that succeeded."""
    row = _found(world, "charges", name)
    if row is None:
        return None
    return debits.fail(world, row, failure) if row["status"] == "pending" else charges.fail(world, row, failure)


def _clear_charge(world: World, name: str) -> dict[str, Any] | None:
    row = _found(world, "charges", name)
    return debits.clear(world, row) if row else None


def _fail_refund(world: World, name: str, failure: str) -> dict[str, Any] | None:
    row = _found(world, "refunds", name)
    return refunds.fail(world, row, failure) if row else None


def _fail_payout(world: World, name: str, failure: str) -> dict[str, Any] | None:
    row = _found(world, "payouts", name)
    return payouts.fail(world, row, failure) if row else None


def _dispute(world: World, name: str, reason: str, amount: int | None) -> dict[str, Any] | None:
    row = _found(world, "charges", name)
    return disputes.begin(world, row, reason, amount) if row else None


def _close_dispute(world: World, name: str, outcome: str) -> dict[str, Any] | None:
    row = records.found(world, "disputes", "dp", name)
    return disputes.close(world, row, outcome) if row else None


def _alter(world: World, name: str, kind: str, changes: dict[str, Any]) -> dict[str, Any] | None:
    row = _found(world, kind, name)
    if row is None:
        return None
    for column, value in changes.items():
        world.store.run(f"UPDATE {kind} SET {column} = ? WHERE seq = ?", [value, row["seq"]])  # noqa: S608 - names are ours, values are bound
    changed = _found(world, kind, name)
    assert changed is not None
    return dict(changed)


FAULTS = Faults(
    clear_charge=_clear_charge,
    fail_charge=_fail_charge,
    fail_refund=_fail_refund,
    fail_payout=_fail_payout,
    dispute=_dispute,
    close_dispute=_close_dispute,
    alter=_alter,
)
