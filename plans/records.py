"""How people have repaid, for many people at once: what decisions, reviews of limits and rules about fees are told of it."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.arrays import plain_array
from core.db import rows
from core.prepared import Statement
from core.states import words
from credit.rules import History
from plans.rules.moving import year_before
from plans.standstill import RESPITE
from plans.states import INSTALLMENT_OPEN, InstallmentStatus, PlanStatus

_RESPITE = ", ".join(f"'{kind}'" for kind in RESPITE)
# An installment too small to be charged had to wait for the next payment, so it does not count as paid late. Whoever is late now has no
# installment on time since.
_RECORDS = f"""
    WITH who AS (
        SELECT c.id, c.brand_id, coalesce(c.person_id, c.id) AS holder FROM accounts_consumer c
        WHERE c.id = ANY(%s::uuid[]) OR c.person_id = ANY(%s::uuid[])),
    due AS (
        SELECT who.holder, who.brand_id, p.id AS plan, p.status = '{PlanStatus.COMPLETED}' AS whole, i.paid_at,
            i.status = '{InstallmentStatus.PAID}' AS paid, i.status = '{InstallmentStatus.OVERDUE}' AS overdue,
            i.status IN ({words(INSTALLMENT_OPEN)}) AND (EXISTS (SELECT FROM plans_hardship h WHERE h.plan_id = p.id)
                OR EXISTS (SELECT FROM plans_standstill s
                    WHERE s.consumer_id = p.consumer_id AND s.ended_at IS NULL AND s.kind IN ({_RESPITE}))) AS eased,
            i.status = '{InstallmentStatus.PAID}' AND i.carried_at IS NULL
                AND timezone(p.time_zone, i.paid_at)::date > i.due_date + 1 AS late, false AS halted
        FROM who JOIN plans_plan p ON p.consumer_id = who.id JOIN plans_installment i ON i.plan_id = p.id
        UNION ALL
        SELECT who.holder, who.brand_id, NULL, false, NULL, false, false, false, false, true
        FROM who JOIN plans_standstill s ON s.consumer_id = who.id
        WHERE s.ended_at IS NULL AND s.kind NOT IN ({_RESPITE})),
    seen AS (
        SELECT *, max(paid_at) FILTER (WHERE late) OVER (PARTITION BY holder) AS last_late,
            bool_or(overdue) OVER (PARTITION BY holder) AS owing, bool_or(late) OVER (PARTITION BY plan) AS blotted
        FROM due)
    SELECT holder, brand_id, count(*) FILTER (WHERE paid AND NOT late), count(*) FILTER (WHERE late), count(*) FILTER (WHERE overdue),
        count(DISTINCT plan) FILTER (WHERE whole AND paid AND NOT blotted),
        count(*) FILTER (WHERE paid AND NOT late AND NOT owing AND (last_late IS NULL OR paid_at > last_late)),
        count(DISTINCT plan) FILTER (WHERE eased), count(*) FILTER (WHERE halted)
    FROM seen GROUP BY holder, brand_id"""  # noqa: S608  (states)

_RECORDS_OF_ONE = Statement("plans_records", _RECORDS)


def repayment_records(holders: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[str, History]]:
    """Return how each person repaid, by brand; `holders` are the keys of the persons' first accounts. One query.

    Persons, and brands, without a plan are left out, but for who died or is insolvent. For one person, as each decision asks, the
    query is prepared.
    """
    found: dict[uuid.UUID, dict[str, History]] = {}
    keys = plain_array(holders)
    for holder, brand, *counts in _RECORDS_OF_ONE.rows(keys, keys) if len(holders) == 1 else rows(_RECORDS, [keys, keys]):
        found.setdefault(uuid.UUID(str(holder)), {})[brand] = History(*counts)
    return found


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a person paid, as of a day: the installments that were paid late or are late, and the due dates of those paid on time.

    `on_time` are those of the last twelve months; `late` are all, each by its key with its due date.
    """

    day: date
    late: Mapping[uuid.UUID, date] = field(default_factory=dict)
    on_time: tuple[date, ...] = ()

    def late_in_year(self, but: uuid.UUID | None = None) -> int:
        """Return how many installments due within twelve months were paid late or are late, without one of them."""
        after = year_before(self.day)
        return sum(due > after for key, due in self.late.items() if key != but)

    def is_first(self, but: uuid.UUID) -> bool:
        """Return whether no other installment than this one was ever late."""
        return not self.late.keys() - {but}

    def on_time_since(self, but: uuid.UUID | None = None) -> int:
        """Return how many installments of the last twelve months were paid on time since the last late one, without one of the late."""
        last = max((due for key, due in self.late.items() if key != but), default=date.min)
        return sum(due > last for due in self.on_time)


# An installment too small to be charged had to wait for the next payment, so it does not count as late.
_CONDUCTS = f"""
    WITH due AS (
        SELECT coalesce(c.person_id, c.id) AS holder, i.id, i.due_date, i.status = '{InstallmentStatus.PAID}' AS paid,
            i.carried_at IS NULL AND CASE WHEN i.status = '{InstallmentStatus.PAID}'
                THEN timezone(p.time_zone, i.paid_at)::date > i.due_date + 1
                ELSE i.status IN ({words(INSTALLMENT_OPEN)}) AND i.due_date < %(day)s END AS late
        FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id JOIN accounts_consumer c ON c.id = p.consumer_id
        WHERE p.consumer_id IN (SELECT id FROM accounts_consumer WHERE id = ANY(%(holders)s) OR person_id = ANY(%(holders)s)))
    SELECT holder, array_agg(id) FILTER (WHERE late), array_agg(due_date) FILTER (WHERE late),
        array_agg(due_date) FILTER (WHERE paid AND NOT late AND due_date > %(after)s)
    FROM due GROUP BY holder"""  # noqa: S608  (states)


def conducts_of(holders: Collection[uuid.UUID], day: date) -> dict[uuid.UUID, Conduct]:
    """Return how people paid as of a day, by the key of their first account; those without a plan are left out. One query."""
    told = {"holders": list(holders), "day": day, "after": year_before(day)}
    return {
        holder: Conduct(day, dict(zip(late or (), dues or (), strict=True)), tuple(on_time or ()))
        for holder, late, dues, on_time in rows(_CONDUCTS, told)
    }
