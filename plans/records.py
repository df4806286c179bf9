"""How people have repaid, for many people at once: what decisions and reviews of limits are told of it."""

import uuid
from collections.abc import Collection, Mapping

from core.arrays import plain_array
from core.db import rows
from core.prepared import Statement
from core.states import words
from credit.rules import History
from plans.states import INSTALLMENT_OPEN, InstallmentStatus, PlanStatus

# An installment too small to be charged had to wait for the next payment, so it does not count as paid late. Whoever is late now has no
# installment on time since.
_RECORDS = f"""
    WITH who AS (
        SELECT c.id, c.brand_id, coalesce(c.person_id, c.id) AS holder FROM accounts_consumer c
        WHERE c.id = ANY(%s::uuid[]) OR c.person_id = ANY(%s::uuid[])),
    due AS (
        SELECT who.holder, who.brand_id, p.id AS plan, p.status = '{PlanStatus.COMPLETED}' AS whole, i.paid_at,
            i.status = '{InstallmentStatus.PAID}' AS paid, i.status = '{InstallmentStatus.OVERDUE}' AS overdue,
            i.status IN ({words(INSTALLMENT_OPEN)}) AND EXISTS (SELECT FROM plans_hardship h WHERE h.plan_id = p.id) AS eased,
            i.status = '{InstallmentStatus.PAID}' AND i.carried_at IS NULL
                AND timezone(p.time_zone, i.paid_at)::date > i.due_date + 1 AS late
        FROM who JOIN plans_plan p ON p.consumer_id = who.id JOIN plans_installment i ON i.plan_id = p.id),
    seen AS (
        SELECT *, max(paid_at) FILTER (WHERE late) OVER (PARTITION BY holder) AS last_late,
            bool_or(overdue) OVER (PARTITION BY holder) AS owing, bool_or(late) OVER (PARTITION BY plan) AS blotted
        FROM due)
    SELECT holder, brand_id, count(*) FILTER (WHERE paid AND NOT late), count(*) FILTER (WHERE late), count(*) FILTER (WHERE overdue),
        count(DISTINCT plan) FILTER (WHERE whole AND paid AND NOT blotted),
        count(*) FILTER (WHERE paid AND NOT late AND NOT owing AND (last_late IS NULL OR paid_at > last_late)),
        count(DISTINCT plan) FILTER (WHERE eased)
    FROM seen GROUP BY holder, brand_id"""  # noqa: S608  (states)

_RECORDS_OF_ONE = Statement("plans_records", _RECORDS)


def repayment_records(holders: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[str, History]]:
    """Return how each person repaid, by brand; `holders` are the keys of the persons' first accounts. One query.

    Persons, and brands, without a plan are left out. For one person, as each decision asks, the query is prepared.
    """
    found: dict[uuid.UUID, dict[str, History]] = {}
    keys = plain_array(holders)
    for holder, brand, *counts in _RECORDS_OF_ONE.rows(keys, keys) if len(holders) == 1 else rows(_RECORDS, [keys, keys]):
        found.setdefault(uuid.UUID(str(holder)), {})[brand] = History(*counts)
    return found
