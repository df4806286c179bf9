"""The demo's refusal that somebody asked a person about: an operator approved it, so that rules about that have a case to be tried on."""

from datetime import datetime

from accounts import services as accounts
from accounts.models import User
from checkout import services as checkouts
from credit.models import Approval, Decision
from credit.overruling import may_overrule
from credit.queries import can_be_overruled, newest_decision, reasons_beside

WHY, NOTE = "figures_proven", "Pay slips of the last three months, seen and returned"
RECENT = 40
"""Among so many of the newest refusals one is looked for that one operator may approve alone."""


def let_a_refusal_be_overruled(user: User, *, at: datetime) -> Approval | None:
    """Let somebody who was refused ask a person, who approves the purchase; None where nobody was refused whom one person may approve."""
    refused = Decision.objects.filter(outcome="decline", at__lt=at).select_related("consumer").order_by("-id")[:RECENT]
    for decision in refused:
        minor = decision.amount_minor
        if not can_be_overruled(decision) or reasons_beside(decision):
            continue
        if newest_decision(decision.consumer_id, decision.reference) != decision.pk:
            continue
        if may_overrule(decision, amount_minor=minor, left_minor=None, why=WHY, at=at).is_alone:
            return _overrule(decision, user, at)
    return None


def _overrule(decision: Decision, user: User, at: datetime) -> Approval:
    about = {"reference": decision.reference, "text": "My pay has risen since."}
    asked = accounts.open_request(consumer=decision.consumer, kind="review", at=at, **about)
    return checkouts.overrule(
        request_id=asked.pk,
        decision_id=decision.pk,
        amount_minor=decision.amount_minor,
        left_minor=None,
        why=WHY,
        note=NOTE,
        user=user,
        actor=str(user.pk),
        at=at,
    )
