"""Labels of people and orders as fraud or honest."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.queries import lock_consumer
from core.db import unit
from core.money import Money
from fraud.models import Assessment, FraudCase, Label
from fraud.states import LabelSource, Said

LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Sale:
    """A labeled order: its public id (the checkout's if no order was made), its shop's, and its amount."""

    order: str
    merchant: str
    amount: Money


def put_label(
    *, consumer_id: uuid.UUID, is_fraud: bool, source: LabelSource, actor: str, reason: str, at: datetime, sale: Sale | None = None
) -> Label:
    """Label a person, or one of their orders, which also counts for the person. An earlier label ends. Safe to repeat."""
    about: dict[str, Any] = {"consumer_id": consumer_id, "order": sale.order if sale else ""}
    sold = {"merchant": sale.merchant, "amount_minor": sale.amount.minor, "currency": sale.amount.currency} if sale else {}
    with unit():
        last = _lock_last(**about)
        if last is not None and last.is_fraud == is_fraud:
            return last
        if last is not None:
            _end(last, actor, at)
        said = {"is_fraud": is_fraud, "source": source.value, "actor": actor, "reason": reason.strip()[:LONGEST], "at": at}
        _mark_cases(about["order"], Said.FRAUD if is_fraud else Said.HONEST, at)
        return Label.objects.create(**about, **sold, **said)


def end_label(*, consumer_id: uuid.UUID, about: str, actor: str, at: datetime) -> None:
    """End the label of an order or checkout without a new one. Safe to repeat."""
    with unit():
        last = _lock_last(consumer_id=consumer_id, order=about)
        if last is not None:
            _end(last, actor, at)
            _mark_cases(about, None, None)


def _lock_last(*, consumer_id: uuid.UUID, order: str) -> Label | None:
    lock_consumer(consumer_id)
    return Label.objects.filter(consumer_id=consumer_id, order=order, ended_at=None).first()


def _end(label: Label, actor: str, at: datetime) -> None:
    Label.objects.filter(pk=label.pk).update(ended_at=max(at, label.at), ended_by=actor)


def _mark_cases(about: str, said: Said | None, at: datetime | None) -> None:
    """Copy a label to the desk's cases of an order or of a checkout."""
    if about:
        checkouts = Assessment.objects.filter(order=about).values("subject")
        FraudCase.objects.filter(Q(subject=about) | Q(subject__in=checkouts)).update(label=said or "", labeled_at=at)
