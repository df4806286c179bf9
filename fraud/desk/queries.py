"""Reads of the fraud desk: attempts that need a person to look at them, and their labels."""

from fraud.models import Assessment, FraudCase, Label, Sighting
from fraud.states import Verdict

SHOWN = 20
RISKY = 0.3
"""An allowed attempt also goes to the desk from this probability of the model on."""


def case_of(assessment: Assessment, sighting: Sighting) -> FraudCase | None:
    """Return an unsaved case of an attempt if it needs a person to look at it; None otherwise."""
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
    """Return the public id that an attempt's label refers to: of its order, or of its checkout if there is no order. At most one query."""
    made = Assessment.objects.filter(subject=case.subject).exclude(order="").values_list("order", flat=True)
    return case.order or made.first() or case.subject


def history_of(*about: str) -> list[Label]:
    """Return all labels of orders or checkouts, by public ids, newest first; ended ones too."""
    return list(Label.objects.filter(order__in=about).exclude(order="").order_by("-id")[:SHOWN])


def seen_at(case: FraudCase) -> Sighting | None:
    """Return the sighting of a case's attempt, with its person; None if it is no longer kept. One query."""
    seen = Sighting.objects.filter(consumer=case.consumer_id, subject=case.subject, at=case.at)
    return seen.select_related("consumer").first()
