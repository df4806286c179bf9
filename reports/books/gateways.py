"""Gateways' own reports compared with our movements, by day and by key.

A report is read a day and a page at a time into a temporary table; the database then compares it with our rows. Before a row that
differs is blamed, its gateway is asked once more, since money moves while the books are checked.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import islice

from core.arrays import plain_array, text_array
from core.db import execute, rows, stream
from core.errors import NotFound
from core.ids import parse_id, public_id
from core.providers import Capability, in_use
from core.states import words
from ledger.queries import list_owners
from payments import gateways
from payments.errors import GatewayUnavailable
from payments.gateways.base import Outcome, Period, Reported, Reports, Status
from payments.outside import OUTSIDE
from payments.queries import find_at_gateway, list_gateways
from payments.states import MOVEMENT_MADE, MOVEMENT_UNDONE, MOVEMENT_UNENDED, MovementStatus
from reports.books.check import Check, Totals

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of movement that gateways report: its name, our table, the prefix of its ids, and its status when done."""

    name: str
    table: str
    prefix: str
    done: str


KINDS = (
    Kind("charge", "payments_charge", "chg", "took"),
    Kind("refund", "payments_refund", "rfd", "gave back"),
    Kind("payout", "payments_payout", "pay", "paid out"),
)


@dataclass(slots=True)
class Collected:
    """A gateway whose reports were collected: for which period, or why they could not be."""

    name: str
    period: Period
    fault: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def gateways_in_use() -> list[str]:
    """Return every gateway at which money has moved or may move: where we have cash or a payment method, or from which we pay out.

    Money that people send to our bank account themselves stands at none.
    """
    return sorted({*(account.code for account in in_use(Capability.REPORTS)), *list_gateways(), *list_owners("cash")} - {"", OUTSIDE})


_TABLE = """
    CREATE TEMPORARY TABLE reports_reported (
        gateway text, kind text, key uuid, named text, ref text, amount_minor bigint, currency text, status text,
        withdrawn_minor bigint, fee_minor bigint)"""
_ADD = """
    INSERT INTO reports_reported
    SELECT %s, %s, u.*
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[]) AS u"""


@contextmanager
def collect_reports(names: Sequence[str], period: Period) -> Iterator[list[Collected]]:
    """Read the reports of gateways into a temporary table, which is dropped when the block ends; call it before the snapshot is taken."""
    execute("DROP TABLE IF EXISTS pg_temp.reports_reported")
    execute(_TABLE)
    try:
        collected = [_collect(name, period) for name in names]
        execute("CREATE INDEX ON reports_reported (gateway, kind, key)")
        execute("ANALYZE reports_reported")
        yield collected
    finally:
        execute("DROP TABLE IF EXISTS pg_temp.reports_reported")


def _collect(name: str, period: Period) -> Collected:
    collected = Collected(name, period)
    try:
        gateway = gateways.connect(name, Reports)
        for part in [period] if period.until else _days(name, period.since):
            for kind in KINDS:
                collected.counts[kind.name] = collected.counts.get(kind.name, 0) + _load(name, kind, _report_of(gateway, kind)(period=part))
    except (GatewayUnavailable, NotFound) as error:
        collected.fault = error.detail
    return collected


def _report_of(gateway: Reports, kind: Kind) -> Callable[..., Iterator[Reported]]:
    reports = {"charge": gateway.report_charges, "refund": gateway.report_refunds, "payout": gateway.report_payouts}
    return reports[kind.name]


def _days(name: str, since: datetime | None) -> Iterator[Period]:
    """Yield the period of a gateway's movements day by day (UTC), with everything before the first day and after the last."""
    edges = [
        edge
        for kind in KINDS
        for edge in rows(f"SELECT min(created_at), max(created_at) FROM {kind.table} WHERE gateway = %s", [name])[0]  # noqa: S608  (ours)
        if edge is not None
    ]
    if not edges:
        yield Period(since=since)
        return
    day, last = max(min(edges), since or min(edges)), max(edges)
    until = datetime.combine(day.date() + timedelta(days=1), time.min, day.tzinfo)
    start = since
    while until <= last:
        yield Period(since=start, until=until)
        start, until = until, until + timedelta(days=1)
    yield Period(since=start)


def _load(gateway: str, kind: Kind, report: Iterator[Reported]) -> int:
    count = 0
    while page := list(islice(report, PAGE)):
        columns = [
            plain_array(_key(kind, row.key) for row in page),
            text_array(row.key for row in page),
            text_array(row.ref for row in page),
            plain_array(row.amount_minor for row in page),
            text_array(row.currency for row in page),
            text_array(row.status for row in page),
            plain_array(getattr(row, "withdrawn_minor", 0) for row in page),
            plain_array(getattr(row, "fee_minor", 0) for row in page),
        ]
        execute(_ADD, [gateway, kind.name, *columns])
        count += len(page)
    return count


def _key(kind: Kind, key: str) -> str | None:
    """Return our key in a line of a report; None for a movement that the gateway made on its own."""
    try:
        return str(parse_id(kind.prefix, key))
    except NotFound:
        return None


def check_gateway(collected: Collected) -> list[Check]:
    """Check charges, refunds and payouts against a gateway's own report: each is there once, with its amount, and there are no others."""
    if collected.fault:
        check = Check(f"{collected.name}: the gateway's own report")
        check.blame([f"gateway {collected.name}: nothing of it was compared: {collected.fault}"])
        return [check]
    return [_check_kind(collected, kind) for kind in KINDS]


def _check_kind(collected: Collected, kind: Kind) -> Check:
    check = Check(f"{collected.name}: the gateway's {kind.name}s = ours", collected.counts.get(kind.name, 0))
    check.figures = _figures(collected, kind)
    check.blame(_reported_wrongly(collected, kind))
    check.blame(_reported_twice(collected, kind))
    check.blame(_unreported(collected, kind))
    if kind.name == "charge":
        check.blame(_turned_otherwise(collected))
    return check


_SUMS = f"""
    SELECT currency, sum(amount_minor) FROM reports_reported
    WHERE gateway = %s AND kind = %s AND status = '{MovementStatus.SUCCEEDED}' GROUP BY 1"""  # noqa: S608
_IN_FLIGHT = f"""
    SELECT count(*) FROM reports_reported r JOIN {{table}} m ON m.id = r.key AND m.gateway = r.gateway
    WHERE r.gateway = %s AND r.kind = %s AND r.status = '{MovementStatus.SUCCEEDED}' AND m.status IN ({words(MOVEMENT_UNENDED)})"""  # noqa: S608


def _figures(collected: Collected, kind: Kind) -> str:
    totals = Totals()
    for currency, minor in rows(_SUMS, [collected.name, kind.name]):
        totals.add(currency, int(minor))
    in_flight = rows(_IN_FLIGHT.format(table=kind.table), [collected.name, kind.name])[0][0]
    return f"{totals.text()}, {in_flight} in flight"


_WRONG = f"""
    SELECT r.named, r.ref, r.amount_minor, r.currency, r.status, m.status, m.amount_minor, m.currency
    FROM reports_reported r LEFT JOIN {{table}} m ON m.id = r.key AND m.gateway = r.gateway
    WHERE r.gateway = %s AND r.kind = %s AND (
        r.status = '{MovementStatus.SUCCEEDED}' AND (
            m.id IS NULL OR m.status IN ({words(MOVEMENT_UNDONE)})
            OR m.status = '{MovementStatus.SUCCEEDED}' AND (m.amount_minor, m.currency) <> (r.amount_minor, r.currency))
        OR r.status <> '{MovementStatus.SUCCEEDED}' AND m.status = '{MovementStatus.SUCCEEDED}')
    ORDER BY r.named, r.ref"""  # noqa: S608


def _reported_wrongly(collected: Collected, kind: Kind) -> Iterator[str]:
    """Yield the lines of the gateway's report that differ from our records."""
    for named, ref, minor, currency, status, ours, our_minor, our_currency in stream(
        _WRONG.format(table=kind.table), [collected.name, kind.name]
    ):
        if ours is None:
            whose = f"{kind.name} {named or ref}"
            yield f"{whose}: the gateway {kind.done} {minor} {currency} ({ref}), we know nothing of it"
        elif not _fits_now(named, ours, our_minor, our_currency):
            yield f"{kind.name} {named}: the gateway says {status} {minor} {currency}, we say {ours} {our_minor} {our_currency}"


_TWICE = f"""
    SELECT named, count(*) FROM reports_reported
    WHERE gateway = %s AND kind = %s AND status = '{MovementStatus.SUCCEEDED}' AND key IS NOT NULL
    GROUP BY named HAVING count(*) > 1 ORDER BY 1"""  # noqa: S608


def _reported_twice(collected: Collected, kind: Kind) -> Iterator[str]:
    for named, count in stream(_TWICE, [collected.name, kind.name]):
        yield f"{kind.name} {named}: the gateway has it {count} times"


_TURNED = f"""
    SELECT r.named, r.withdrawn_minor, r.fee_minor, coalesce(t.withdrawn, 0)::bigint, coalesce(t.fees, 0)::bigint, r.currency
    FROM reports_reported r JOIN payments_charge m ON m.id = r.key AND m.gateway = r.gateway
    LEFT JOIN (
        SELECT e.movement_id AS id,
            sum(CASE e.kind WHEN 'reversed' THEN e.amount_minor WHEN 'reinstated' THEN -e.amount_minor END)
                FILTER (WHERE e.dispute_id IS NOT NULL) AS withdrawn,
            sum(CASE e.kind WHEN 'fee' THEN e.amount_minor WHEN 'fee_returned' THEN -e.amount_minor END)
                FILTER (WHERE e.currency = c.currency) AS fees
        FROM payments_movementevent e JOIN payments_charge c ON c.id = e.movement_id WHERE e.movement_kind = 'charge' GROUP BY 1) t
        ON t.id = m.id
    WHERE r.gateway = %s AND r.kind = 'charge' AND m.status IN ({words(MOVEMENT_MADE)})
        AND (r.withdrawn_minor, r.fee_minor) <> (coalesce(t.withdrawn, 0)::bigint, coalesce(t.fees, 0)::bigint)
    ORDER BY r.named"""  # noqa: S608


def _turned_otherwise(collected: Collected) -> Iterator[str]:
    """Yield the charges whose withdrawn amount or fees differ between the gateway and us."""
    for named, withdrawn, fee, our_withdrawn, our_fee, currency in stream(_TURNED, [collected.name]):
        there, here = f"{withdrawn} withdrawn and {fee} of fees", f"{our_withdrawn} and {our_fee}"
        yield f"charge {named}: the gateway says {there}, we say {here} {currency}"


_UNREPORTED = f"""
    SELECT m.id, m.amount_minor, m.currency FROM {{table}} m
    WHERE m.gateway = %(gateway)s AND m.status = '{MovementStatus.SUCCEEDED}'
        AND (%(since)s::timestamptz IS NULL OR m.created_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR m.created_at < %(until)s) AND NOT EXISTS (
            SELECT 1 FROM reports_reported r WHERE r.gateway = m.gateway AND r.kind = %(kind)s AND r.key = m.id)
    ORDER BY m.id"""  # noqa: S608


def _unreported(collected: Collected, kind: Kind) -> Iterator[str]:
    """Yield the movements that we record as done and the gateway does not report."""
    period = collected.period
    params = {"gateway": collected.name, "since": period.since, "until": period.until, "kind": kind.name}
    for key, minor, currency in stream(_UNREPORTED.format(table=kind.table), params):
        name = public_id(kind.prefix, key)
        if not _fits_now(name, MovementStatus.SUCCEEDED, minor, currency):
            yield f"{kind.name} {name}: we say {minor} {currency}, the gateway knows nothing of it"


def _fits_now(name: str, ours: str, minor: int, currency: str) -> bool:
    """Return whether the gateway, asked once more, agrees with us: its report is older than our snapshot."""
    outcome: Outcome | None = find_at_gateway(name)
    if ours == MovementStatus.SUCCEEDED:
        return outcome is not None and (outcome.status, outcome.amount_minor, outcome.currency) == (Status.SUCCEEDED, minor, currency)
    return outcome is None or outcome.status == Status.FAILED
