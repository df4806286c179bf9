"""Facts about late people, to learn who pays by themselves: as of a closed day, and how it went on for the cases of the past.

A case is a person by the end of a day: one on which a payment became late, or on which a step of reminding was taken. It is bad if not all
that was late then was paid within `DAYS` days. Facts are what was known by the end of that day; none is about who the person is.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from accounts.objections import spared
from collection.states import PromiseStatus
from core.arrays import plain_array
from core.db import rows, stream
from plans.states import InstallmentStatus

DAYS = 14
"""So many days after a case all that was late has to be paid, else the case is bad."""
FACTS = (
    *("tenure_days", "paid_on_time", "paid_late", "late_payments", "days_late", "late_share", "paid_share", "method"),
    *("reminded", "heeded", "ignored", "promises_kept", "promises_broken"),
)
"""`late_share` is the share of all that is open that is late, `paid_share` the share of all that was asked that is paid, `reminded` the
steps taken since the person is late; `heeded` and `ignored` are earlier steps, with or without a payment within a week."""
RISING = frozenset({"paid_late", "late_payments", "days_late", "reminded", "ignored", "promises_broken"})
FALLING = frozenset({"paid_on_time", "paid_share", "heeded", "promises_kept"})
"""Facts with which the need of reminders may only rise, or only fall."""
BAD, CASE_ON = "bad", "case_on"
CHUNK = 1_000
WEEK = 7

PAID_ON = "(i.paid_at AT TIME ZONE p.time_zone)::date"
"""SQL: the day at the place of a plan `p` on which its installment `i` was paid in whole; null while it is not."""
OWED_THEN = f"i.status <> '{InstallmentStatus.CANCELED}' AND i.start_date <= who.day"
LATE_THEN = "i.due_date < who.day AND i.carried_at IS NULL AND (d.paid IS NULL OR d.paid > who.day)"
"""SQL: whether an installment `i`, paid on `d.paid` or never, was owed, and late, by the end of `who.day`."""
_ASKED = "(i.principal_minor + i.interest_minor)"
_FACTS = f"""
    WITH who AS (SELECT * FROM unnest(%(people)s::uuid[], %(days)s::date[]) WITH ORDINALITY AS w (consumer_id, day, place))
    SELECT who.day - (c.created_at AT TIME ZONE c.time_zone)::date, n.on_time, n.paid_late, n.late, n.days_late, n.late_share, n.paid_share,
        n.method, r.reminded, r.heeded, r.ignored, s.kept, s.broken, n.bad
    FROM who JOIN accounts_consumer c ON c.id = who.consumer_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE d.paid <= least(i.due_date, who.day)) AS on_time,
            count(*) FILTER (WHERE d.paid > i.due_date AND d.paid <= who.day) AS paid_late,
            count(*) FILTER (WHERE {LATE_THEN}) AS late, coalesce(max(who.day - i.due_date) FILTER (WHERE {LATE_THEN}), 0) AS days_late,
            round(sum({_ASKED}) FILTER (WHERE {LATE_THEN}) / nullif(sum({_ASKED}) FILTER (WHERE d.paid IS NULL OR d.paid > who.day), 0), 4)
                AS late_share,
            round(coalesce(sum({_ASKED}) FILTER (WHERE d.paid <= who.day), 0) / nullif(sum({_ASKED}), 0), 4) AS paid_share,
            (array_agg(m.kind ORDER BY i.due_date, i.id) FILTER (WHERE {LATE_THEN}))[1] AS method,
            min(i.due_date) FILTER (WHERE {LATE_THEN}) AS oldest,
            bool_or(d.paid IS NULL OR d.paid > who.day + {DAYS}) FILTER (WHERE {LATE_THEN}) AS bad
        FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id JOIN payments_paymentmethod m ON m.id = p.payment_method_id
            CROSS JOIN LATERAL (SELECT {PAID_ON} AS paid) d
        WHERE p.consumer_id = who.consumer_id AND {OWED_THEN}) n
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE e.day > n.oldest) AS reminded, count(*) FILTER (WHERE e.day <= n.oldest AND e.paid) AS heeded,
            count(*) FILTER (WHERE e.day <= n.oldest AND NOT e.paid) AS ignored
        FROM (
            SELECT g.day, EXISTS (
                SELECT 1 FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id
                WHERE p.consumer_id = who.consumer_id AND i.due_date < g.day
                    AND {PAID_ON} BETWEEN g.day AND least(g.day + {WEEK}, who.day)) AS paid
            FROM collection_reminder g WHERE g.consumer_id = who.consumer_id AND g.day <= who.day) e) r
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE q.status = '{PromiseStatus.KEPT}') AS kept,
            count(*) FILTER (WHERE q.status = '{PromiseStatus.BROKEN}') AS broken
        FROM plans_plan p JOIN collection_promise q ON q.plan_id = p.id
        WHERE p.consumer_id = who.consumer_id AND q.decided_at < who.day + 1) s
    ORDER BY who.place"""  # noqa: S608  (words of our own)
_CASES = f"""
    SELECT DISTINCT consumer_id, day FROM (
        SELECT p.consumer_id, i.due_date + 1 AS day FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
        WHERE i.status <> '{InstallmentStatus.CANCELED}' AND i.carried_at IS NULL AND i.due_date + 1 BETWEEN %(first)s AND %(last)s
            AND (i.paid_at IS NULL OR {PAID_ON} > i.due_date + 1)
        UNION ALL SELECT g.consumer_id, g.day FROM collection_reminder g WHERE g.day BETWEEN %(first)s AND %(last)s) c
    WHERE NOT {spared("c.consumer_id")}
    ORDER BY day, consumer_id"""  # noqa: S608  (words of our own)


def facts_on(people: Sequence[tuple[uuid.UUID, date]]) -> list[dict[str, Any]]:
    """Return the facts of some people, each by the end of a day, in their order; one query."""
    return [facts for facts, _bad in _known(people)]


def _known(people: Sequence[tuple[uuid.UUID, date]]) -> list[tuple[dict[str, Any], bool | None]]:
    """Return facts, and whether something that was late stayed unpaid: None where nothing was late."""
    told = {"people": plain_array([key for key, _day in people]), "days": plain_array([day for _key, day in people])}
    found = rows(_FACTS, told) if people else []
    return [(dict(zip(FACTS, map(_plain, row[:-1]), strict=True)), row[-1]) for row in found]


def _plain(value: Any) -> Any:
    """Return a fact as a table has it: a share as a number, not as a decimal."""
    return value if value is None or isinstance(value, int | str) else float(value)


def list_cases(*, at: datetime, since: datetime | None = None) -> Iterator[list[Any]]:
    """Yield a row of column names, then a row for each case that has ended, the oldest first: facts, the day, and whether it was bad.

    `since` leaves out older cases. `case_on` is for reports by month; no day is learned from.
    """
    yield [*FACTS, CASE_ON, BAD]
    # Of the last day every zone knows how it ended.
    last = at.date() - timedelta(days=DAYS + 2)
    for chunk in _chunks(since.date() if since else date.min, last):
        for (_key, day), (facts, bad) in zip(chunk, _known(chunk), strict=True):
            if bad is not None:
                yield [*(_cell(facts[name]) for name in FACTS), day.isoformat(), int(bad)]


def _chunks(first: date, last: date) -> Iterator[list[tuple[uuid.UUID, date]]]:
    """Yield the cases of some days, some at a time."""
    found = stream(_CASES, {"first": first, "last": last})
    while chunk := list(islice(found, CHUNK)):
        yield [(key, day) for key, day in chunk]


def list_recent(*, at: datetime, since: datetime) -> Iterator[list[Any]]:
    """Yield a row of fact names, then a row for each case since then, ended or not."""
    yield list(FACTS)
    for chunk in _chunks(since.date(), at.date() - timedelta(days=1)):
        for facts in facts_on(chunk):
            yield [_cell(facts[name]) for name in FACTS]


def _cell(value: Any) -> Any:
    return "" if value is None else value
