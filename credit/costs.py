"""What data sources did and cost in a period, by market, brand and source; each statement finds the period by an index."""

from dataclasses import dataclass, field
from datetime import datetime

from core.db import rows

ANSWERED = """
    SELECT c.market_id, c.brand_id, i.provider, i.cost_currency, count(*), coalesce(sum(i.cost_minor), 0)::bigint,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY i.took_ms)
    FROM credit_inquiry i JOIN accounts_consumer c ON c.id = i.consumer_id
    WHERE i.answered_at >= %s AND i.answered_at < %s
    GROUP BY 1, 2, 3, 4"""
"""Answers by place, source and currency of the price, what they cost, and the milliseconds that 95 of 100 stayed within."""
ASKED = """
    SELECT c.market_id, c.brand_id, a.one ->> 'source', a.one ->> 'outcome', count(*), count(*) FILTER (WHERE d.outcome = 'approve')
    FROM credit_decision d JOIN accounts_consumer c ON c.id = d.consumer_id,
        LATERAL jsonb_array_elements(d.inputs -> 'asked') AS a (one)
    WHERE d.at >= %s AND d.at < %s
    GROUP BY 1, 2, 3, 4"""
"""How often sources were asked for decisions, by outcome, and how many of those decisions approved."""
SCREENED = """
    SELECT s.market, s.brand, s.provider, s.cost_currency, sum(cardinality(s.consumers))::bigint, coalesce(sum(s.cost_minor), 0)::bigint,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY s.took_ms)
    FROM accounts_screening s WHERE s.answered_at >= %s AND s.answered_at < %s
    GROUP BY 1, 2, 3, 4"""
"""People screened against lists, by place, company and currency of the price."""
CALLED = """
    SELECT b.market, b.brand, b.provider, b.kind, b.outcome, b.cost_currency, count(*), sum(b.cost_minor)::bigint,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY b.took_ms)
    FROM credit_bankcall b WHERE b.at >= %s AND b.at < %s
    GROUP BY 1, 2, 3, 4, 5, 6"""
"""Calls of providers of open banking by place, kind, outcome and currency of the price."""
BANKED = """
    SELECT c.market_id, c.brand_id, a.one ->> 'source', count(*), count(*) FILTER (WHERE d.outcome = 'approve')
    FROM credit_decision d JOIN accounts_consumer c ON c.id = d.consumer_id,
        LATERAL jsonb_array_elements(d.inputs -> 'asked') AS a (one)
    WHERE d.at >= %s AND d.at < %s AND a.one ->> 'outcome' = 'bank'
    GROUP BY 1, 2, 3"""
"""Decisions that used what a person's bank showed, and how many of them approved."""
FAILURES = ("late", "failed", "refused", "skipped")
USED = ("report", "kept", "old")
"""Outcomes after which a source's report decided: a new one, a recent one, and an older one."""


@dataclass
class SourceCost:
    """What one source did and cost at one place; `cost` is in minor units by currency, `p95_ms` None without an answer.

    `answers` counts answers by the day on which they came, and the others count decisions, by the day on which they were made.
    """

    market: str
    brand: str
    source: str
    answers: int = 0
    cost: dict[str, int] = field(default_factory=dict)
    p95_ms: int | None = None
    new: int = 0
    kept: int = 0
    old: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    approved: int = 0

    @property
    def used(self) -> tuple[int, int, int]:
        """The number of decisions on a report of the source, in the order of `USED`."""
        return self.new, self.kept, self.old

    @property
    def each(self) -> dict[str, int]:
        """The cost of an approved purchase that the source's report decided, in minor units by currency; empty if there was none."""
        return {currency: (minor + self.approved // 2) // self.approved for currency, minor in self.cost.items() if self.approved}

    @property
    def used_again_pct(self) -> int | None:
        """The share of decisions with a report of the source that needed no new one, in percent; None without such decisions."""
        whole = self.new + self.kept + self.old
        return (self.kept + self.old) * 100 // whole if whole else None


def list_source_costs(*, since: datetime, until: datetime) -> list[SourceCost]:
    """Return what each source did and cost from a moment until before another, by market, brand and source; two queries."""
    found: dict[tuple[str, str, str], SourceCost] = {}

    def line(market: str, brand: str, source: str) -> SourceCost:
        return found.setdefault((market, brand, source), SourceCost(market, brand, source))

    for market, brand, source, currency, count, cost, p95 in [*rows(ANSWERED, [since, until]), *rows(SCREENED, [since, until])]:
        one = line(market, brand, source)
        one.answers += count
        one.p95_ms = max((ms for ms in (one.p95_ms, p95) if ms is not None), default=None)
        if cost:
            one.cost[currency] = cost
    for market, brand, source, outcome, count, approved in rows(ASKED, [since, until]):
        if outcome not in (*FAILURES, *USED):
            continue
        one = line(market, brand, source)
        if outcome in FAILURES:
            one.failures[outcome] = count
        elif outcome in USED:
            one.approved += approved
            one.new, one.kept, one.old = (have + (count if outcome == name else 0) for have, name in zip(one.used, USED, strict=True))
    return [found[key] for key in sorted(found)]


@dataclass
class BankCost:
    """What one provider of open banking did and cost at one place; `cost` is in minor units by currency, `p95_ms` None without an answer.

    `used` counts decisions on what it had read, `approved` those that approved.
    """

    market: str
    brand: str
    source: str
    visits: int = 0
    read: int = 0
    refreshed: int = 0
    balances: int = 0
    cost: dict[str, int] = field(default_factory=dict)
    p95_ms: int | None = None
    failures: dict[str, int] = field(default_factory=dict)
    used: int = 0
    approved: int = 0

    @property
    def answers(self) -> int:
        """All calls that were answered."""
        return self.visits + self.read + self.refreshed + self.balances

    @property
    def used_again_pct(self) -> int | None:
        """The share of decisions with figures of a bank that needed no reading of their own, in percent; None without such decisions."""
        return max(0, self.used - self.read - self.refreshed) * 100 // self.used if self.used else None

    def add(self, kind: str, count: int) -> None:
        """Count answers of a kind (`credit.models.BankCall`)."""
        name = {"visit": "visits", "read": "read", "refresh": "refreshed", "balance": "balances"}[kind]
        setattr(self, name, getattr(self, name) + count)


def list_bank_costs(*, since: datetime, until: datetime) -> list[BankCost]:
    """Return what each provider of open banking did and cost from a moment until before another, by market, brand and code; two queries."""
    found: dict[tuple[str, str, str], BankCost] = {}

    def line(market: str, brand: str, source: str) -> BankCost:
        return found.setdefault((market, brand, source), BankCost(market, brand, source))

    for market, brand, source, kind, outcome, currency, count, cost, p95 in rows(CALLED, [since, until]):
        one = line(market, brand, source)
        if outcome != "ok":
            one.failures[outcome] = one.failures.get(outcome, 0) + count
            continue
        one.add(kind, count)
        one.p95_ms = max((ms for ms in (one.p95_ms, p95) if ms is not None), default=None)
        if cost:
            one.cost[currency] = one.cost.get(currency, 0) + cost
    for market, brand, source, count, approved in rows(BANKED, [since, until]):
        one = line(market, brand, source)
        one.used, one.approved = one.used + count, one.approved + approved
    return [found[key] for key in sorted(found)]
