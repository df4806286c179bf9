"""What another share of computed limits (`credit.economy_bps`) would do in a market, told before it is proposed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from credit.models import CreditLine, Decision
from credit.queries import newest_decisions, newest_reviews
from credit.replaying import asked_again, asked_last
from credit.reviewing import is_reviewed
from credit.rules import Inputs, Verdict, is_computed
from markets.models import Market

MOST = 5_000
"""How many limits, and how many approvals, are computed at most: the newest ones."""
PAGE = 500
DAYS = 30
_NO_ORDER: dict[str, Any] = {
    "amount_minor": 0,
    **dict.fromkeys(("afford", "own_minor", "granted_minor", "proven_minor", "safety")),
}
"""Inputs of a limit alone, as a review has them."""


@dataclass(slots=True)
class Moves:
    """Limits that would go up and down, and by how much together, in minor units of the market's currency; `seen` were computed."""

    seen: int = 0
    up: int = 0
    up_minor: int = 0
    down: int = 0
    down_minor: int = 0


@dataclass(slots=True)
class Refusals:
    """Approvals that would have been refused or held, with their amounts in minor units; `seen` were computed."""

    seen: int = 0
    refused: int = 0
    refused_minor: int = 0


def foresee_limits(market: Market, *, before_bps: int, after_bps: int) -> Moves:
    """Return how a market's limits would move by another share alone, from what each was computed from last.

    What is in use bounds each from below, as in a review. Limits that operators set do not move.
    """
    found = Moves()
    for inputs, assess in _last_inputs(market):
        found.seen += 1
        before, after = (assess(replace(inputs, economy_bps=bps)).limit_minor for bps in (before_bps, after_bps))
        found.up, found.up_minor = found.up + (after > before), found.up_minor + max(0, after - before)
        found.down, found.down_minor = found.down + (after < before), found.down_minor + max(0, before - after)
    return found


def _last_inputs(market: Market) -> Iterator[tuple[Inputs, Callable[[Inputs], Verdict]]]:
    """Return what each of a market's newest limits was computed from last, with its scorecard; three queries a page."""
    lines = CreditLine.objects.filter(consumer__market=market, currency=market.currency).order_by("-id")
    page = list(lines[:PAGE])
    seen = 0
    while page and seen < MOST:
        seen += len(page)
        decisions = newest_decisions([line.consumer_id for line in page])
        reviews = newest_reviews([line.pk for line in page])
        for line in page:
            decision = decisions.get((line.consumer_id, line.currency))
            if decision is not None:
                inputs, assess = asked_last(decision, reviews.get(line.pk))
                inputs = replace(inputs, used_minor=line.used_minor, by_hand_minor=line.by_hand_minor, **_NO_ORDER)
                if is_reviewed(inputs) and is_computed(inputs):
                    yield inputs, assess
        page = list(lines.filter(id__lt=page[-1].pk)[:PAGE])


def foresee_approvals(market: Market, *, after_bps: int, at: datetime) -> Refusals:
    """Return which approvals of the last 30 days in a market another share would have refused; the newest ones."""
    made = Decision.objects.filter(consumer__market=market, currency=market.currency, outcome="approve", at__gt=at - timedelta(days=DAYS))
    return count_refused(made.order_by("-at")[:MOST], after_bps=after_bps)


def count_refused(decisions: Iterable[Decision], *, after_bps: int) -> Refusals:
    """Return which of some approvals another share would have refused."""
    found = Refusals()
    for decision in decisions:
        inputs, assess = asked_again(decision)
        refuses = assess(replace(inputs, economy_bps=after_bps)).outcome != "approve"
        found.seen += 1
        found.refused, found.refused_minor = found.refused + refuses, found.refused_minor + refuses * decision.amount_minor
    return found
