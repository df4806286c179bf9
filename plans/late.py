"""Which plans of a time zone are late as of a day: what the close of day goes through."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.arrays import plain_array
from core.db import rows
from core.states import words
from plans.guards import lost_by
from plans.models import Plan
from plans.queries import list_installments
from plans.rules.fees import FeeKind
from plans.rules.moving import year_before
from plans.standstill import MOVES
from plans.states import INSTALLMENT_OPEN, InstallmentStatus, PlanStatus

# Both sides begin behind the key: else each chunk would read all late installments before it again.
_LATE_PLANS = f"""
    SELECT p.id FROM plans_plan p
    WHERE p.time_zone = %(zone)s AND p.id > %(after)s::uuid AND p.status = '{PlanStatus.ACTIVE}' AND EXISTS (
        SELECT 1 FROM plans_installment i
        WHERE i.plan_id = p.id AND i.plan_id > %(after)s::uuid AND i.status = '{InstallmentStatus.OVERDUE}' AND i.due_date < %(before)s)
    ORDER BY p.id LIMIT %(limit)s"""  # noqa: S608  (words of our own)


def list_late_plans(*, zone: str, before: date, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """Return the keys of active plans of a time zone with an overdue installment due before a day, past a key, in order; one query."""
    told = {"zone": zone, "before": before, "after": str(after or uuid.UUID(int=0)), "limit": limit}
    return [key for (key,) in rows(_LATE_PLANS, told)]


def late_or(others: str, *, zone: str, day: date, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """Return the plans of a zone that are late by a day, and those that other SQL finds, past a key, in order; two queries.

    `others` selects keys of plans, in order, with the parameters zone, key and limit.
    """
    late = list_late_plans(zone=zone, before=day, after=after, limit=limit)
    found = [key for (key,) in rows(others, [zone, str(after or uuid.UUID(int=0)), limit])]
    return sorted({*late, *found})[:limit]


# From the few people whose status is that of a late payer, so that no day reads all payments of a year ago.
_LAPSED = """
    SELECT DISTINCT ON (coalesce(c.person_id, c.id)) p.id, p.reference
    FROM accounts_consumer c JOIN plans_plan p ON p.consumer_id = c.id JOIN plans_installment i ON i.plan_id = p.id
    WHERE c.classes -> 'fee_status' = '"late"'::jsonb AND p.time_zone = %s AND i.due_date > %s AND i.due_date <= %s
    ORDER BY coalesce(c.person_id, c.id), p.id"""


def find_lapsed(*, zone: str, day: date) -> list[tuple[uuid.UUID, str]]:
    """Return a plan, with its reference, of each late payer of a zone with a payment of which a year has passed at the end of a day."""
    return rows(_LAPSED, [zone, year_before(day), year_before(day + timedelta(days=1))])


_WERE_LATE = "SELECT id FROM plans_plan WHERE time_zone = %s AND late_since IS NOT NULL AND id > %s::uuid ORDER BY id LIMIT %s"


def find_to_close(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """Return plans of a time zone that are late at the close of a day, or were at an earlier one, past a key, in their order."""
    return late_or(_WERE_LATE, zone=zone, day=day, after=after, limit=limit)


OPEN_ROW = f"""i.status IN ({words(INSTALLMENT_OPEN)}) AND i.charge_id IS NULL AND i.carried_at IS NULL
    AND i.principal_minor + i.interest_minor + i.fees_minor > i.paid_principal_minor + i.paid_interest_minor + i.paid_fees_minor"""
"""SQL: whether something is owed on an installment `i` that does not wait as too small, and for which no payment is under way."""
_GRACE = "greatest(i.due_date, i.grace_from) + i.paused_days"
_IN_ORDER = "SELECT id FROM plans_plan WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
# A stage of a late fee that was not decided yet, or a reminder after the last one, whose days are over. What is read of other tables comes
# behind the plan's own columns, since almost no plan of a day gets so far.
_FEES_DUE = f"""
    SELECT p.id FROM plans_plan p CROSS JOIN LATERAL (SELECT p.agreed -> 'fees' AS fees OFFSET 0) agreed
    WHERE p.id = ANY(%(plans)s::uuid[]) AND p.status = '{PlanStatus.ACTIVE}' AND p.stopped_at IS NULL AND p.repay_by IS NULL
        AND p.settling_until IS NULL AND (p.promised_until IS NULL OR p.promised_until < %(day)s)
        AND (EXISTS (
            SELECT 1 FROM plans_installment i, jsonb_array_elements(fees -> 'late') WITH ORDINALITY AS stage (told, place)
            WHERE i.plan_id = p.id AND {OPEN_ROW} AND {_GRACE} + (stage.told ->> 'grace_days')::int <= %(day)s
                AND NOT EXISTS (
                    SELECT 1 FROM plans_fee f
                    WHERE f.installment_id = i.id AND f.kind = '{FeeKind.LATE}' AND f.stage = stage.place - 1))
        OR (fees ? 'reminder' AND EXISTS (
            SELECT 1 FROM plans_installment i
            WHERE i.plan_id = p.id AND {OPEN_ROW} AND i.due_date < %(day)s
                AND {_GRACE} + (fees #>> '{{reminder,grace_days}}')::int <= %(day)s)
            AND (SELECT count(*) < (fees #>> '{{reminder,max}}')::int
                    AND coalesce(max(f.on) + (fees #>> '{{reminder,days_apart}}')::int <= %(day)s, true)
                FROM plans_installment i JOIN plans_fee f ON f.installment_id = i.id
                WHERE i.plan_id = p.id AND f.kind = '{FeeKind.REMINDER}' AND f.on >= p.late_since)))
        AND NOT EXISTS (SELECT 1 FROM plans_hardship h WHERE h.plan_id = p.id) AND {MOVES}
    ORDER BY p.id"""  # noqa: S608  (words of our own)


def lock_to_close(plan_ids: Sequence[uuid.UUID]) -> None:
    """Lock plans in the order of their keys; one query."""
    rows(_IN_ORDER, [plain_array(plan_ids)])


def list_fees_due(plan_ids: Sequence[uuid.UUID], *, day: date) -> list[uuid.UUID]:
    """Return those of some plans for which a late fee or a reminder may have to be decided at the close of a day, in order; one query.

    `plans.services.fees` decides which, if any. `late_since` must have been noted for the day.
    """
    return [key for (key,) in rows(_FEES_DUE, {"plans": plain_array(plan_ids), "day": day})]


# On the day of the moment too: the setting may have changed since the day that is closed, and the database asks for that of the moment.
_LOST = f"""p.status = '{PlanStatus.ACTIVE}' AND {lost_by("%(day)s")} AND {lost_by("(%(at)s AT TIME ZONE p.time_zone)::date")}"""
_LOST_PLANS = f"""
    SELECT p.id FROM plans_plan p
    WHERE p.time_zone = %(zone)s AND p.id > %(after)s::uuid AND p.status = '{PlanStatus.ACTIVE}' AND {lost_by("%(day)s")}
    ORDER BY p.id LIMIT %(limit)s"""  # noqa: S608  (words of our own)
_LOST_OF = f"SELECT p.id FROM plans_plan p WHERE p.id = ANY(%(plans)s::uuid[]) AND {_LOST}"  # noqa: S608


def find_lost(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """Return active plans of a time zone that are so late by a day that their market gives them up, past a key, in order; one query."""
    told = {"zone": zone, "day": day, "after": str(after or uuid.UUID(int=0)), "limit": limit}
    return [key for (key,) in rows(_LOST_PLANS, told)]


def list_lost(plan_ids: Sequence[uuid.UUID], *, day: date, at: datetime) -> list[uuid.UUID]:
    """Return those of some plans that are active, and so late by a day and by that of a moment; one query."""
    return [key for (key,) in rows(_LOST_OF, {"plans": plain_array(plan_ids), "day": day, "at": at})]


MOST_DAYS_BEFORE = 14
"""The most days before a payment on which people are reminded of it."""


def days_before(otherwise: str) -> str:
    """Return SQL: how many days before a payment people of a product `r` are reminded of it, by its market, or `otherwise` (SQL)."""
    return f"""coalesce((
        SELECT s.value::text::int FROM markets_marketsetting s
        WHERE s.market_id = r.market_id AND s.key = 'reminder.before_days' AND s.valid_from <= (%(at)s)::date
            AND (s.valid_to IS NULL OR s.valid_to > (%(at)s)::date) ORDER BY s.valid_from DESC LIMIT 1), {otherwise})"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class LongLate:
    """A plan late enough to be given up, the due date of its oldest unpaid payment (`since`), and its open amount in minor units."""

    plan_id: uuid.UUID
    since: date
    amount_minor: int
    currency: str


_LONG_LATE = f"""
    SELECT i.plan_id, min(i.due_date) FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
    JOIN plans_product r ON r.id = p.product_id
    JOIN unnest(%s::text[], %s::date[]) AS m (code, last) ON m.code = r.market_id AND i.due_date <= m.last
    WHERE i.status = '{InstallmentStatus.OVERDUE}' AND i.due_date <= %s AND p.status = '{PlanStatus.ACTIVE}'
    GROUP BY i.plan_id ORDER BY 2, 1 LIMIT %s"""  # noqa: S608  (words of our own)


def list_long_late(last: Mapping[str, date], *, limit: int) -> list[LongLate]:
    """Return up to `limit` active plans with an overdue installment that was due by their market's date, oldest first; three queries.

    `last` maps market codes to those dates.
    """
    if not last:
        return []
    found = rows(_LONG_LATE, [list(last), [day.isoformat() for day in last.values()], max(last.values()), limit])
    plans = Plan.objects.in_bulk([plan_id for plan_id, _ in found])
    members = list_installments(plans)
    return [LongLate(key, since, sum(row.open_minor for row in members[key]), plans[key].currency) for key, since in found]
