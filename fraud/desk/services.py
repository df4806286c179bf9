"""Label attempts as fraud or honest with one click, and take labels back."""

import uuid
from datetime import datetime
from typing import Any

from accounts.models import User
from core.errors import require
from core.money import Money
from fraud.desk.queries import name_of
from fraud.models import FraudCase, Label
from fraud.network.services import end_label, put_label
from fraud.network.services.labeling import Sale
from fraud.states import LabelSource

MAY_LABEL = "fraud.put_label"
MAY_SEE = "fraud.view_fraudcase"


def label_case(*, case_id: uuid.UUID, user: User, is_fraud: bool, reason: str = "", at: datetime) -> Label:
    """Label an attempt: its order, or its checkout if no order was made. Safe to repeat.

    Forbidden.
    """
    require(user, MAY_LABEL)
    case = FraudCase.objects.get(pk=case_id)
    sale = Sale(name_of(case), case.merchant, Money(case.amount_minor, case.currency))
    told: dict[str, Any] = {"source": LabelSource.DESK, "actor": str(user.pk), "reason": reason, "sale": sale, "at": at}
    return put_label(consumer_id=case.consumer_id, is_fraud=is_fraud, **told)


def take_back_label(*, case_id: uuid.UUID, user: User, at: datetime) -> None:
    """End the label of an attempt, which is then unlabeled again. Safe to repeat. Forbidden."""
    require(user, MAY_LABEL)
    case = FraudCase.objects.get(pk=case_id)
    end_label(consumer_id=case.consumer_id, about=name_of(case), actor=str(user.pk), at=at)
