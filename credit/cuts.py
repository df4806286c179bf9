"""Lower limits as their notices tell them: by a daily review, or by a decision that approved a purchase with less than before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import F

from accounts.models import Consumer
from core.errors import NotFound
from core.ids import parse_id
from credit.models import Decision, LimitChange, LimitReview
from credit.reasons import ELSEWHERE, MAX_REASONS
from credit.reviewing import reasons_of_limit
from credit.rules import OWN_LIMIT, WHOLE_BPS, Inputs, is_refusal, standing_of


@dataclass(frozen=True, slots=True)
class Cut:
    """A lower limit of a consumer, in minor units, with its main reasons.

    `public_id` is what lowered it, and `decision` the one whose report was used.
    """

    public_id: str
    consumer: Consumer
    currency: str
    before_minor: int
    after_minor: int
    reasons: tuple[str, ...]
    decision: Decision
    at: datetime

    @classmethod
    def by_review(cls, review: LimitReview) -> Self:
        """Return the cut of a review, loaded with its line, consumer and decision."""
        line = review.line
        limits = (review.before_minor, review.limit_minor)
        return cls(review.public_id, line.consumer, line.currency, *limits, tuple(review.reasons), review.decision, review.at)

    @classmethod
    def by_decision(cls, change: LimitChange, decision: Decision) -> Self:
        """Return the cut of a decision that did not refuse; `change` is its change of the limit."""
        limits = (change.before_minor, change.after_minor)
        return cls(decision.public_id, decision.consumer, decision.currency, *limits, _reasons(decision), decision, decision.at)


def _reasons(decision: Decision) -> tuple[str, ...]:
    """Return the main reasons why a decision that did not refuse gave no higher limit, in words that are for the decision's brand."""
    inputs = Inputs.from_json(decision.inputs)
    told = [code for code in decision.reasons if code != OWN_LIMIT]
    if not told and inputs.bureau is not None:
        # Late payments may be about another brand, which only the decision's own reasons tell apart.
        told = [code for code in standing_of(inputs, inputs.bureau).factors if code not in ELSEWHERE]
    found = reasons_of_limit(told, inputs.ruled.reason if inputs.ruled else "")
    if any(code in decision.reasons for code in ELSEWHERE.values()):
        found = tuple(ELSEWHERE.get(code, code) for code in found)
    return (("economy",) * (inputs.economy_bps < WHOLE_BPS) + found)[:MAX_REASONS]


def get_cut(public_id: str, consumer: Consumer) -> Cut:
    """Return the lower limit of a consumer by what lowered it, a review or a decision; NotFound for another's, and where none fell."""
    found = _by_review(public_id, consumer) if public_id.startswith(f"{LimitReview.PREFIX}_") else _by_decision(public_id, consumer)
    if found is None:
        raise NotFound("There is no such notice.")
    return found


def find_cut(consumer: Consumer) -> Cut | None:
    """Return the newest lower limit of a consumer's account, if the limit has not moved since and a notice tells it; at most three queries.

    None for a limit that operators set, and for one that fell with a refusal, whose notice tells the reasons.
    """
    newest = LimitChange.objects.filter(line__consumer=consumer, at=F("line__decided_at"), after_minor=F("line__limit_minor"))
    change = newest.filter(after_minor__lt=F("before_minor")).select_related("line").order_by("-number", "-id").first()
    if change is None:
        return None
    made = LimitReview.objects.select_related("line__consumer", "decision__inquiry").filter(line=change.line, at=change.at).first()
    if made is not None:
        return Cut.by_review(made)
    decided = Decision.objects.select_related("inquiry", "consumer").filter(consumer=consumer, currency=change.line.currency, at=change.at)
    decision = decided.order_by("-id").first()
    return Cut.by_decision(change, decision) if decision is not None and not is_refusal(decision.outcome, decision.reasons) else None


def _by_review(public_id: str, consumer: Consumer) -> Cut | None:
    found = LimitReview.objects.select_related("line__consumer", "decision__inquiry").filter(id=parse_id(LimitReview.PREFIX, public_id))
    made = found.filter(line__consumer=consumer).first()
    return Cut.by_review(made) if made is not None and made.is_cut else None


def _by_decision(public_id: str, consumer: Consumer) -> Cut | None:
    found = Decision.objects.select_related("inquiry", "consumer").filter(id=parse_id(Decision.PREFIX, public_id), consumer=consumer)
    decision = found.first()
    if decision is None or is_refusal(decision.outcome, decision.reasons):
        return None
    moved = LimitChange.objects.filter(line__consumer=consumer, line__currency=decision.currency, at=decision.at)
    change = moved.filter(after_minor__lt=F("before_minor")).first()
    return Cut.by_decision(change, decision) if change is not None else None
