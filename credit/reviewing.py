"""The daily review of a limit: the last decision asked again, with how the person pays today and without a purchase; pure.

A review stores its `Look`, so that a replay gives the same answer.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from credit.reasons import ELSEWHERE, MAX_REASONS
from credit.rules import BY_RULE, LIMIT_STEP_UNITS, History, Inputs, Verdict, computed_limit, order_limit, round_limit

_LEFT_ALONE = frozenset(
    {"account_restricted", "identity_not_verified", "overdue_with_us", "eased_with_us", "serious_delinquency", "review_declined"}
)
"""Refusals of the last decision that set the limit themselves, until the next decision."""
_FOR_PEOPLE = frozenset({"fraud_alert", "manual_review", BY_RULE})
"""Reasons for a review by a person, which lower no limit."""


@dataclass(frozen=True, slots=True)
class Look:
    """All that a review of a limit uses; amounts in minor units.

    `inputs` are those of a decision about no amount. `may_rise`: the report is recent, nothing is overdue, and the last change is long
    enough ago; then the limit rises by at most `rise_pct` percent. `was_late`, `was_on_time` and `was_economy_bps` are the installments
    and the market's share that the last decision or review knew, which tell why a limit moves. `elsewhere`: the late payments are only
    about other brands.
    """

    inputs: Inputs
    before_minor: int
    may_rise: bool
    rise_pct: int
    was_late: int
    was_on_time: int
    was_economy_bps: int
    elsewhere: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the look as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the look that `as_json` wrote."""
        return cls(**{**stored, "inputs": Inputs.from_json(stored["inputs"])})


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The answer of a review: the limits, the points, why the limit moved (`credit.reasons.LIMIT_CHANGES`), and a cut's main reasons."""

    limit_minor: int
    order_limit_minor: int
    score: int
    why: str
    reasons: tuple[str, ...]


def as_late(history: History) -> History:
    """Return a history in which what is overdue counts as paid late: a review lowers the limit, where a decision would refuse."""
    return replace(history, paid_late=history.paid_late + history.overdue_now, overdue_now=0, eased_now=0)


def is_reviewed(inputs: Inputs) -> bool:
    """Return whether a limit is reviewed: a block, an open identity check and a limit that operators set stand above it."""
    return not inputs.is_blocked and inputs.identity == "verified" and inputs.bureau is not None and inputs.by_hand_minor is None


def review(look: Look, assess: Callable[[Inputs], Verdict]) -> Reviewed:
    """Return a limit after its review: lower at once, higher by a bounded step and never above what points and income carry.

    It never falls below the used amount.
    """
    verdict, before = assess(look.inputs), look.before_minor
    limit = before
    if verdict.outcome != "decline" or not _LEFT_ALONE.intersection(verdict.reasons):
        limit = verdict.limit_minor if verdict.limit_minor < before else _raised(look, verdict.limit_minor)
    reasons = _reasons(look, verdict) if limit < before else ()
    return Reviewed(limit, order_limit(look.inputs, limit), verdict.score, _why(look, limit) if limit != before else "", reasons)


def _raised(look: Look, wanted_minor: int) -> int:
    inputs, before = look.inputs, look.before_minor
    if not look.may_rise or inputs.bureau is None:
        return before
    carried = computed_limit(inputs)
    step = max(before * look.rise_pct // 100, LIMIT_STEP_UNITS * 10**inputs.exponent)
    return max(before, min(wanted_minor, carried, round_limit(before + step, inputs.exponent)))


def _is_later(look: Look) -> bool:
    return look.inputs.history.paid_late > look.was_late


def _why(look: Look, limit_minor: int) -> str:
    economy, was = look.inputs.economy_bps, look.was_economy_bps
    if limit_minor < look.before_minor:
        if _is_later(look):
            return "looked_again" if look.elsewhere else "paid_late"
        return "economy_down" if economy < was else "looked_again"
    if economy > was:
        return "economy_up"
    return "paid_well" if look.inputs.history.paid_on_time > look.was_on_time else "looked_again"


def reasons_of_limit(reasons: Collection[str], ruled: str) -> tuple[str, ...]:
    """Return the codes that say why a limit is no higher: a rule's reason, or those of the points; none that only ask for people."""
    return (ruled,) if ruled else tuple(code for code in reasons if code not in _FOR_PEOPLE) or ("income_insufficient",)


def _reasons(look: Look, verdict: Verdict) -> tuple[str, ...]:
    """Return the codes of a cut's main reasons (`credit.reasons.SENTENCES`): what changed since, or else what the points say."""
    ruled, behavior = look.inputs.ruled, look.inputs.behavior
    if _is_later(look) or (behavior is not None and behavior.factor_bps is not None):
        found: tuple[str, ...] = ("late_with_us",)
    elif look.inputs.economy_bps < look.was_economy_bps:
        found = ("economy",)
    else:
        found = reasons_of_limit(verdict.reasons, ruled.reason if ruled is not None else "")
    return tuple(ELSEWHERE.get(code, code) if look.elsewhere else code for code in found)[:MAX_REASONS]
