"""Who decided: a computer, or people; and what people did about a refusal since."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Consumer, ConsumerRequest
from accounts.states import RequestStatus
from credit.models import Approval, Decision
from credit.reasons import is_by_people
from credit.rules import BY_PEOPLE


@dataclass(frozen=True, slots=True)
class Decided:
    """Who made a decision, and what people made of it since: when they approved it after all (until `until`), or confirmed it."""

    by_people: bool
    approved_at: datetime | None = None
    until: datetime | None = None
    confirmed_at: datetime | None = None


def was_by_people(decision: Decision) -> bool:
    """Return whether people made a decision themselves: they refused it, or approved it in spite of a refusal."""
    return is_by_people(decision.reasons) or BY_PEOPLE in decision.reasons or (decision.inputs or {}).get("granted_minor") is not None


def who_decided(decision: Decision, consumer: Consumer) -> Decided:
    """Return who made a decision about a consumer, and what people did about it since; at most two queries."""
    by_people = was_by_people(decision)
    if decision.outcome != "decline":
        return Decided(by_people)
    approval = Approval.objects.filter(decision=decision).first()
    if approval is not None:
        return Decided(by_people, approval.at, approval.until)
    asked = ConsumerRequest.objects.filter(consumer=consumer, kind="review", status=RequestStatus.ANSWERED, outcome="refused")
    answered = asked.filter(reference__in=["", decision.reference], asked_at__gte=decision.at).order_by("answered_at").first()
    return Decided(by_people, confirmed_at=answered.answered_at) if answered else Decided(by_people)
