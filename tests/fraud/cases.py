"""Attempts to buy that are kept without a checkout, for tests of what comes after."""

from datetime import datetime
from typing import Any

from django.db import transaction

from controls.models import RuleCase
from core.ids import public_id, uuid7
from fraud.models import Assessment, FraudCase, Sighting
from fraud.services import Assessed, keep_assessment
from fraud.states import Verdict
from tests.cast import NOW


def keep_attempt(
    consumer: Any,
    merchant: Any,
    verdict: Verdict,
    *,
    rules: Any = (),
    signals: Any = None,
    amount_minor: int = 8_900,
    subject: str = "",
    order: str = "",
    at: datetime = NOW,
    **seen: str,
) -> FraudCase | None:
    """Keep an attempt of a person that some rules held; return its case, if it needs eyes."""
    known: dict[str, Any] = {"consumer": consumer, "subject": subject or public_id("chk", uuid7()), "verdict": verdict.value, "at": at}
    money: dict[str, Any] = {"merchant": merchant.public_id, "amount_minor": amount_minor, "currency": "USD"}
    findings = [[rule, 0, verdict.value, "other", None] for rule in rules]
    assessment = Assessment(signals=signals or {}, findings=findings, version=1, **known)
    case = RuleCase(
        kind="fraud", at=at, on=at.date(), facts={}, version=1, brand="", market="US", groups=[], subject=known["subject"], **money
    )
    assessed = Assessed(verdict, [], 1, assessment, Sighting(**known, **money, **seen), case, False)
    with transaction.atomic():
        keep_assessment(assessed=assessed, order=order)
    return FraudCase.objects.filter(pk=assessment.pk).first()
