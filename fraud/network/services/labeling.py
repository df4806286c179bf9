"""Labels of what turned out to be fraud, or honest."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from accounts.queries import lock_consumer
from core.db import unit
from core.money import Money
from fraud.models import Label
from fraud.states import LabelSource

LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Sale:
    """An order that is labeled: its public id, its shop's, and what it costs."""

    order: str
    merchant: str
    amount: Money


def put_label(
    *, consumer_id: uuid.UUID, is_fraud: bool, source: LabelSource, actor: str, reason: str, at: datetime, sale: Sale | None = None
) -> Label:
    """Label a person, or one of their orders, which counts for the person; the label before it ends. A repeated one changes nothing."""
    about = {"consumer_id": consumer_id, "order": sale.order if sale else ""}
    sold = {"merchant": sale.merchant, "amount_minor": sale.amount.minor, "currency": sale.amount.currency} if sale else {}
    with unit():
        lock_consumer(consumer_id)
        last = Label.objects.filter(**about, ended_at=None).first()
        if last is not None and last.is_fraud == is_fraud:
            return last
        if last is not None:
            Label.objects.filter(pk=last.pk).update(ended_at=max(at, last.at), ended_by=actor)
        said = {"is_fraud": is_fraud, "source": source.value, "actor": actor, "reason": reason.strip()[:LONGEST], "at": at}
        return Label.objects.create(**about, **sold, **said)
