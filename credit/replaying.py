"""Decisions made again from their stored inputs: by the scorecard that made them, or by another one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from controls.models import RuleCase
from core.db import pages
from credit import rules
from credit.assessing import BY_MODELS, asked_by_today, assessor, resolved
from credit.helping import most_lent
from credit.models import Decision, LimitReview
from credit.reasons import ELSEWHERE, RAISED, RAISED_ELSEWHERE
from credit.reviewing import Look, review
from credit.rules import Inputs, Verdict
from credit.ruling import LIMITS
from credit.supposing import Supposed, is_unknown, supposed_inputs
from learning.errors import Damaged

PAGE = 2_000
AS_IT_WAS = Supposed()


@dataclass(frozen=True, slots=True)
class Replayed:
    """A stored decision and its answer by the scorecard `version`; `differences` are named parts with (stored, now), empty if identical.

    `is_unknown`: a supposed law would have asked what the person could afford, which is not known.
    """

    decision: Decision
    version: str
    verdict: Verdict
    differences: dict[str, tuple[object, object]]
    is_unknown: bool = False


def asked_again(decision: Decision) -> tuple[Inputs, Callable[[Inputs], Verdict]]:
    """Return a decision's stored inputs, and the scorecard that made it, with its models; KeyError for an unknown scorecard."""
    return Inputs.from_json(decision.inputs), assessor(decision.versions["scorecard"])


def asked_last(decision: Decision, review: LimitReview | None) -> tuple[Inputs, Callable[[Inputs], Verdict]]:
    """Return what a limit was computed from last, by its newest decision or by a later review, and the scorecard that did."""
    inputs, assess = asked_again(decision)
    is_later = review is not None and review.at > decision.at
    return (Look.from_json(review.look).inputs if review is not None and is_later else inputs), assess


def replay(decision: Decision, *, what: Supposed = AS_IT_WAS, case: RuleCase | None = None) -> Replayed:
    """Repeat a decision from its stored inputs, by what made it, or with something else in its place; KeyError for an unknown scorecard.

    The same models and rules about grades are asked again. For a decision by an older scorecard, a newer one asks those of today, unless
    a part is supposed. `case` is as in `supposed_inputs`.
    """
    stored, made_by = Inputs.from_json(decision.inputs), decision.versions["scorecard"]
    version = what.version or made_by
    assess = rules.SCORECARDS[version]
    differences: dict[str, tuple[object, object]] = {}
    try:
        if what.has_parts:
            inputs = supposed_inputs(decision, stored, what, case)
        elif version in BY_MODELS and made_by not in BY_MODELS:
            inputs = asked_by_today(decision, stored)
        else:
            inputs = resolved(stored, version, strict=True)
            differences = _probabilities(stored, inputs) if version == made_by else {}
    except Damaged as fault:
        inputs, differences = stored, {"model": (decision.versions.get("model", ""), str(fault))}
    verdict = assess(inputs)
    other = ELSEWHERE | {RAISED: RAISED_ELSEWHERE}
    told = [now if stored != other.get(now) else stored for now, stored in zip(verdict.reasons, decision.reasons, strict=False)]
    pairs: dict[str, tuple[object, object]] = {
        "outcome": (decision.outcome, verdict.outcome),
        "limit": (decision.limit_minor, verdict.limit_minor),
        "order limit": (decision.order_limit_minor, verdict.order_limit_minor),
        "score": (decision.score, verdict.score),
        "reasons": (decision.reasons, [*told, *verdict.reasons[len(told) :]]),
        "counter-offer": (decision.counter_minor, most_lent(inputs, assessor(version))),
    }
    differences |= {name: (stored, now) for name, (stored, now) in pairs.items() if stored != now}
    return Replayed(decision, version, verdict, differences, is_unknown(decision, stored, what))


def _probabilities(stored: Inputs, now: Inputs) -> dict[str, tuple[object, object]]:
    """Return the probabilities that a model gives otherwise than it did, in millionths, by role."""
    before, after = (one.risk.said if one.risk and one.risk.said else {} for one in (stored, now))
    return {f"probability of the {role}": (said.ppm, after[role].ppm) for role, said in before.items() if said.ppm != after[role].ppm}


def replay_all(*, what: Supposed = AS_IT_WAS) -> Iterator[Replayed]:
    """Replay every decision, the oldest first, as `core.db.pages` reads them."""
    for page in pages(Decision.objects.select_related("consumer") if what else Decision.objects.all(), PAGE):
        cases = cases_of(page) if what.rules or what.model else {}
        yield from (replay(decision, what=what, case=cases.get(decision.public_id)) for decision in page)


def cases_of(decisions: Sequence[Decision]) -> dict[str, RuleCase]:
    """Return what rules about limits were told of decisions, by public id, as far as it is still kept; one query."""
    found = RuleCase.objects.filter(kind=LIMITS, subject__in=[one.public_id for one in decisions]).order_by("id")
    return {case.subject: case for case in found}


def replay_review(made: LimitReview) -> dict[str, tuple[object, object]]:
    """Repeat a review from what it stored; return what differs, by name, as (stored, now). KeyError for an unknown scorecard."""
    look = Look.from_json(made.look)
    try:
        look = replace(look, inputs=resolved(look.inputs, made.version, strict=True))
    except Damaged as fault:
        return {"model": ("", str(fault))}
    now = review(look, rules.SCORECARDS[made.version])
    pairs: dict[str, tuple[object, object]] = {
        "limit": (made.limit_minor, now.limit_minor),
        "order limit": (made.order_limit_minor, now.order_limit_minor),
        "score": (made.score, now.score),
        "why": (made.why, now.why),
        "reasons": (made.reasons, list(now.reasons)),
    }
    return {name: (stored, told) for name, (stored, told) in pairs.items() if stored != told}


def replay_reviews() -> Iterator[tuple[LimitReview, dict[str, tuple[object, object]]]]:
    """Replay every review of a limit, the oldest first, as `replay_all` does."""
    for page in pages(LimitReview.objects.all(), PAGE):
        yield from ((made, replay_review(made)) for made in page)
