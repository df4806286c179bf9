"""Count the margins of the last two years anew, once a day."""

from datetime import UTC, datetime
from typing import Any

from core.db import execute, rows, try_lock, unit
from credit.rules.grades import GRADES_1
from plans.states import PlanStatus
from reports.margins.queries import month_before
from reports.margins.rules import MONTHS
from reports.models import Margin

_BY_POINTS = "CASE " + " ".join(f"WHEN d.score >= {lowest} THEN '{grade}'" for lowest, grade, _share in GRADES_1) + " ELSE '' END"
_GRADE = f"coalesce(d.versions ->> 'grade', {_BY_POINTS})"
"""The grade of a decision; those from before grades were stored had theirs by their points."""
_COUNT = f"""
    INSERT INTO reports_margin (month, counted_at, currency, market_id, product, grade, merchant_id, plans, financed_minor, fees_minor,
        interest_minor, money_days, open_minor, late_minor, lost_minor)
    SELECT date_trunc('month', o.created_at AT TIME ZONE 'UTC')::date, %(at)s, o.currency, m.market_id, r.code, {_GRADE}, o.merchant_id,
        count(*), sum(o.captured_minor - o.refunded_minor - i.deposit), sum(o.fee_minor - o.fee_refunded_minor), sum(i.interest),
        sum(i.money_days),
        coalesce(sum(i.owed) FILTER (WHERE p.status <> '{PlanStatus.CHARGED_OFF}'), 0),
        coalesce(sum(i.late) FILTER (WHERE p.status <> '{PlanStatus.CHARGED_OFF}'), 0),
        coalesce(sum(i.owed) FILTER (WHERE p.status = '{PlanStatus.CHARGED_OFF}'), 0)
    FROM checkout_order o JOIN merchants_merchant m ON m.id = o.merchant_id JOIN plans_plan p ON p.id = o.plan_id
    JOIN plans_product r ON r.id = p.product_id JOIN credit_decision d ON d.id = o.decision_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(i.paid_principal_minor - i.refunded_minor)
                FILTER (WHERE p.deposit_minor > 0 AND i.due_date = i.start_date), 0) AS deposit,
            coalesce(sum(i.paid_interest_minor), 0) AS interest, coalesce(sum(i.principal_minor - i.paid_principal_minor), 0) AS owed,
            coalesce(sum(i.principal_minor - i.paid_principal_minor) FILTER (WHERE i.due_date < %(day)s), 0) AS late,
            coalesce(sum(i.principal_minor * greatest(
                least((i.paid_at AT TIME ZONE 'UTC')::date, %(day)s) - i.start_date, 0)), 0) AS money_days
        FROM plans_installment i WHERE i.plan_id = p.id) i
    WHERE o.created_at >= %(first)s AND o.created_at <= %(at)s AND o.captured_minor > 0
    GROUP BY 1, 3, 4, 5, 6, 7"""  # noqa: S608  (words of our own)


def count_margins(*, at: datetime) -> int:
    """Count the margins of the last MONTHS months, unless they were counted on this day (UTC); a timer. Return how many rows it wrote.

    All rows are replaced in one transaction, so that whoever reads meanwhile sees the ones of before.
    """
    day = at.astimezone(UTC).date()
    told: dict[str, Any] = {"at": at, "day": day, "first": datetime.combine(month_before(day, MONTHS - 1), datetime.min.time(), UTC)}
    with unit():
        if (
            not try_lock("reports.margins")
            or Margin.objects.filter(counted_at__gte=datetime.combine(day, datetime.min.time(), UTC)).exists()
        ):
            return 0
        execute("DELETE FROM reports_margin")
        return len(rows(f"WITH made AS ({_COUNT} RETURNING id) SELECT id FROM made", told))  # noqa: S608  (words of our own)
