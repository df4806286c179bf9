"""How relief ended: whether people who got a pause or smaller payments paid again, by the month of the relief and its kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.db import rows
from plans.states import PlanStatus

_OUTCOMES = f"""
    SELECT month, kind, outcome, count(*) FROM (
        SELECT to_char(h.at AT TIME ZONE p.time_zone, 'YYYY-MM') AS month, h.kind, CASE
            WHEN p.status = '{PlanStatus.CHARGED_OFF}' THEN 'given_up'
            WHEN EXISTS (SELECT 1 FROM collection_arrears a WHERE a.plan_id = p.id AND a.until IS NULL
                AND a.since > (h.at AT TIME ZONE p.time_zone)::date) THEN 'late'
            WHEN p.status = '{PlanStatus.COMPLETED}' THEN 'repaid'
            WHEN EXISTS (SELECT 1 FROM plans_installment i WHERE i.plan_id = p.id AND i.due_date < %(day)s
                AND i.due_date > (h.at AT TIME ZONE p.time_zone)::date) THEN 'on_time'
            ELSE 'early' END AS outcome
        FROM plans_hardship h JOIN plans_plan p ON p.id = h.plan_id JOIN plans_product o ON o.id = p.product_id
            JOIN accounts_consumer c ON c.id = p.consumer_id
        WHERE o.market_id = %(market)s AND h.at >= %(since)s AND (%(brand)s = '' OR c.brand_id = %(brand)s)
            AND (%(product)s = '' OR o.code = %(product)s)) AS found
    GROUP BY month, kind, outcome ORDER BY month DESC, kind"""  # noqa: S608  (words of our own)


@dataclass(frozen=True, slots=True)
class Relieved:
    """The reliefs of a kind that were given in a month (`2026-11`): how many plans are paid, on time, late again, given up, or too early.

    It is too early while nothing has fallen due since.
    """

    month: str
    kind: str
    repaid: int = 0
    on_time: int = 0
    late: int = 0
    given_up: int = 0
    early: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.repaid + self.on_time + self.late + self.given_up + self.early

    @property
    def cured_bps(self) -> int | None:
        """The share that is paid or on time of those for which it is not too early, in basis points; None if there are none."""
        known = self.count - self.early
        return (self.repaid + self.on_time) * 10_000 // known if known else None


def list_relieved(*, market: str, since: date, day: date, brand: str = "", product: str = "") -> Sequence[Relieved]:
    """Return how the reliefs of a market since a day stand as of another day, the newest month first; one query."""
    told = {"market": market, "since": since, "day": day, "brand": brand, "product": product}
    found: dict[tuple[str, str], dict[str, int]] = {}
    for month, kind, outcome, count in rows(_OUTCOMES, told):
        found.setdefault((month, kind), {})[outcome] = count
    return [Relieved(month, kind, **counts) for (month, kind), counts in found.items()]
