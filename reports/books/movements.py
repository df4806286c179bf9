"""Movements and the ledger: each completed movement has one entry of its amount, and each such entry has its movement."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from core.db import rows, stream
from core.errors import NotFound
from core.ids import parse_id, public_id
from ledger.queries import cash_moved, stream_sources
from payments.gateways.base import ALWAYS, Period
from payments.states import MOVEMENT_MADE, MovementStatus
from reports.books.check import Check, Totals

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Posted:
    """A kind of movement in the ledger: the kind of its entry, the states with an entry, and the direction of the cash."""

    what: str
    table: str
    prefix: str
    entry: str
    states: tuple[str, ...]
    sign: int
    done: str


POSTED = (
    Posted("charge", "payments_charge", "chg", "charge", MOVEMENT_MADE, 1, "was taken"),
    Posted("refund", "payments_refund", "rfd", "card_refund", MOVEMENT_MADE, -1, "was given back"),
    Posted("refund", "payments_refund", "rfd", "card_refund_reversal", (MovementStatus.REVERSED,), 1, "came back"),
    Posted("payout", "payments_payout", "pay", "payout", MOVEMENT_MADE, -1, "was paid out"),
    Posted("payout", "payments_payout", "pay", "payout_reversal", (MovementStatus.REVERSED,), 1, "came back"),
)
NAMES = {
    "charge": "Charges that succeeded = ledger's charge entries",
    "card_refund": "Refunds that went back = ledger's entries",
    "card_refund_reversal": "Refunds that came back = ledger's entries",
    "payout": "Payouts that were paid = ledger's entries",
    "payout_reversal": "Payouts that came back = ledger's entries",
}


def check_movements() -> list[Check]:
    """Check each kind of movement against its entries in the ledger, and charges against the holds that they drew on."""
    return [*(_check_posted(kind) for kind in POSTED), check_holds()]


def check_movements_of(period: Period) -> list[Check]:
    """Check the movements created in a period and the entries posted in that period against each other."""
    return [_check_posted_in(kind, period) for kind in POSTED]


def _check_posted_in(kind: Posted, period: Period) -> Check:
    check, totals = Check(NAMES[kind.entry]), Totals()
    check.blame(_unposted(kind, totals, period))
    check.examined, check.figures = totals.count, totals.text()
    # A movement created before midnight may be posted after it: an entry's movement is searched among all.
    check.blame(_unmoved(kind, period))
    return check


def _check_posted(kind: Posted) -> Check:
    check, totals = Check(NAMES[kind.entry]), Totals()
    check.blame(_unposted(kind, totals))
    check.examined, check.figures = totals.count, totals.text()
    entries = int(rows("SELECT count(*) FROM ledger_entry WHERE kind = %s", [kind.entry])[0][0])
    # The ledger accepts each source once: with as many entries as posted movements, no entry can lack its movement.
    if entries != totals.count - check.wrong or check.wrong:
        check.blame(_unmoved(kind))
    return check


_MOVED = """
    SELECT m.id, m.gateway, m.currency, m.amount_minor FROM {table} m
    WHERE m.status = ANY(%(states)s) AND (%(since)s::timestamptz IS NULL OR m.created_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR m.created_at < %(until)s)
    ORDER BY {order}"""


def _unposted(kind: Posted, totals: Totals, period: Period = ALWAYS) -> Iterator[str]:
    """Yield the movements without an entry of their amount, one chunk after the other."""
    # Movements of a day are found by the index on time; ordering by key would scan all the others.
    sql = _MOVED.format(table=kind.table, order="m.id" if period == ALWAYS else "m.created_at, m.id")
    moved_there = stream(sql, {"states": list(kind.states), "since": period.since, "until": period.until})
    while found := list(islice(moved_there, CHUNK)):
        moved = cash_moved(kind.entry, [public_id(kind.prefix, row[0]) for row in found])
        for key, gateway, currency, minor in found:
            totals.add(currency, int(minor))
            name, entry = public_id(kind.prefix, key), moved.get(public_id(kind.prefix, key))
            if entry is None:
                yield f"{kind.what} {name}: {minor} {currency} {kind.done}, the ledger knows nothing of it"
            elif entry != (gateway, currency, kind.sign * int(minor)):
                said = f"{kind.sign * entry[2]} {entry[1]} at {entry[0]}"
                yield f"{kind.what} {name}: {minor} {currency} {kind.done} at {gateway}, the ledger says {said}"


def _unmoved(kind: Posted, period: Period = ALWAYS) -> Iterator[str]:
    """Yield the entries whose movement does not exist or is in a state without an entry."""
    sources = stream_sources(kind.entry, since=period.since, until=period.until)
    while chunk := list(islice(sources, CHUNK)):
        keys = {source: _key(kind.prefix, source) for source in chunk}
        sql = f"SELECT id FROM {kind.table} WHERE id = ANY(%s) AND status = ANY(%s)"  # noqa: S608  (names of our own)
        known = {row[0] for row in rows(sql, [[key for key in keys.values() if key], list(kind.states)])}
        missing = [source for source in chunk if keys[source] not in known]
        moved = cash_moved(kind.entry, missing) if missing else {}
        for source in missing:
            _gateway, currency, minor = moved.get(source, ("", "", 0))
            yield f"{kind.what} {source}: the ledger says {kind.sign * minor} {currency}, the gateway knows nothing of it"


def _key(prefix: str, source: str) -> uuid.UUID | None:
    try:
        return parse_id(prefix, source)
    except NotFound:
        return None


_OVERDRAWN = f"""
    SELECT a.id, a.amount_minor, a.currency, d.total
    FROM (SELECT authorization_id, sum(amount_minor) total FROM payments_charge
          WHERE authorization_id IS NOT NULL AND status = '{MovementStatus.SUCCEEDED}' GROUP BY 1) d
    JOIN payments_authorization a ON a.id = d.authorization_id
    WHERE d.total > a.amount_minor"""  # noqa: S608


def check_holds() -> Check:
    """Check that no more was charged on a hold than its amount."""
    count = rows(f"SELECT count(*) FROM payments_authorization WHERE status = '{MovementStatus.SUCCEEDED}'")[0][0]  # noqa: S608
    check = Check("Charges within the holds that they drew on", int(count))
    check.blame(
        f"hold {public_id('aut', hold)}: {minor} {currency} was held, {drawn} was drawn"
        for hold, minor, currency, drawn in stream(_OVERDRAWN)
    )
    return check
