"""Reads of the fraud desk: which attempts need eyes, and what was said of them."""

from fraud.models import Assessment, FraudCase, Label, Sighting
from fraud.states import Verdict

SHOWN = 20
RISKY = 0.3
"""From this probability of the model on, people look at an attempt that was let go on, too."""


def case_of(assessment: Assessment, sighting: Sighting) -> FraudCase | None:
    """Return the case of an attempt that needs eyes, not kept yet; None for any other."""
    risk = assessment.signals.get("model_risk")
    if assessment.verdict == Verdict.ALLOW and (risk or 0) < RISKY:
        return None
    return FraudCase(
        id=assessment.id,
        consumer_id=assessment.consumer_id,
        subject=assessment.subject,
        order=assessment.order,
        merchant=sighting.merchant,
        amount_minor=sighting.amount_minor,
        currency=sighting.currency,
        verdict=assessment.verdict,
        held_by=list(dict.fromkeys(rule for rule, *_rest in assessment.findings)),
        risk_bps=None if risk is None else round(risk * 10_000),
        at=assessment.at,
    )


def name_of(case: FraudCase) -> str:
    """Return what a label of an attempt is about: the order that its checkout came to, else the checkout. At most one query."""
    made = Assessment.objects.filter(subject=case.subject).exclude(order="").values_list("order", flat=True)
    return case.order or made.first() or case.subject


def history_of(*about: str) -> list[Label]:
    """Return what was ever said of an order or checkout, by public ids, the newest first; ended labels too."""
    return list(Label.objects.filter(order__in=about).exclude(order="").order_by("-id")[:SHOWN])


def seen_at(case: FraudCase) -> Sighting | None:
    """Return what was seen at the attempt of a case, with its person; None where it is not kept any more. One query."""
    seen = Sighting.objects.filter(consumer=case.consumer_id, subject=case.subject, at=case.at)
    return seen.select_related("consumer").first()
