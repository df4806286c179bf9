"""Calculates facts for rules from what a person bought, paid and was refunded."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from controls.rules.facts import share_of
from fraud.rules import ratio

WEEK, MONTH, QUARTER = timedelta(days=7), timedelta(days=30), timedelta(days=90)
BEFORE = timedelta(days=180)
"""The period before the last 30 days that counts as usual behavior."""
ALIKE_PERCENT = 10
"""Two amounts are alike if the larger one is at most this many percent above the smaller one."""


@dataclass(frozen=True, slots=True)
class Bought:
    """An order: when, in which shop, by whom; amounts in minor units of the person's market."""

    at: datetime
    shop: Hashable
    amount_minor: int
    captured_minor: int = 0
    refunded_minor: int = 0
    by: Hashable = ""

    @property
    def is_cycle(self) -> bool:
        """Whether at least nine tenths of its captured amount were refunded."""
        return self.captured_minor > 0 and 10 * self.refunded_minor >= 9 * self.captured_minor


def alike(amounts: Sequence[int]) -> list[int]:
    """Return the largest group of amounts that are alike (see ALIKE_PERCENT); among equal groups, the one with larger amounts."""
    ordered, found, low = sorted(amounts), [0, 0], 0
    for high, amount in enumerate(ordered, start=1):
        while 100 * amount > (100 + ALIKE_PERCENT) * ordered[low]:
            low += 1
        if high - low >= found[1] - found[0]:
            found = [low, high]
    return ordered[found[0] : found[1]]


def cycles_by_shop(orders: Sequence[Bought], at: datetime) -> Counter[Hashable]:
    """Return how many orders of the last 90 days were bought and refunded, by shop."""
    return Counter(one.shop for one in orders if one.is_cycle and one.at > at - QUARTER)


def bought_facts(orders: Sequence[Bought], *, limit_minor: int | None, at: datetime) -> dict[str, int | float | None]:
    """Return the facts of a person's purchases; `orders` cover at least the last 210 days, in any order."""
    week, month, quarter = ([one for one in orders if one.at > at - span] for span in (WEEK, MONTH, QUARTER))
    earlier = [one for one in orders if one.at <= at - MONTH]
    group = alike([one.amount_minor for one in week])
    bought_7d, bought_30d = (sum(one.amount_minor for one in some) for some in (week, month))
    captured, refunded = (sum(getattr(one, name) for one in quarter) for name in ("captured_minor", "refunded_minor"))
    before = sum(one.amount_minor for one in earlier if one.at > at - MONTH - BEFORE)
    quiet = min(one.at for one in month) - max(one.at for one in earlier) if month and earlier else None
    return {
        "orders_7d": len(week),
        "amount_7d": bought_7d,
        "limit_share_7d": share_of(bought_7d, limit_minor or 0),
        "shops_7d": len({one.shop for one in week}),
        "alike_7d": len(group),
        "alike_top_7d": max(group, default=None),
        "orders_30d": len(month),
        "amount_30d": bought_30d,
        "times_usual_30d": ratio(bought_30d * (BEFORE // MONTH), before),
        "quiet_days": quiet.days if quiet is not None else None,
        "refunds_90d": sum(one.refunded_minor > 0 for one in quarter),
        "refund_share_90d": share_of(refunded, captured),
        "cycles_90d": max(cycles_by_shop(orders, at).values(), default=0),
    }


def linked_facts(orders: Sequence[Bought], others: Sequence[Bought], at: datetime) -> dict[str, int]:
    """Return the facts of a person's `orders` together with those of linked people, for the worst shop that refunded both."""
    own, theirs = cycles_by_shop(orders, at), cycles_by_shop(others, at)
    shops = own.keys() & theirs.keys()
    people = {(one.shop, one.by) for one in others if one.is_cycle and one.at > at - QUARTER}
    return {
        "linked_people_90d": max((sum(where == shop for where, _by in people) for shop in shops), default=0),
        "linked_cycles_90d": max((own[shop] + theirs[shop] for shop in shops), default=0),
    }
