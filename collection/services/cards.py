"""Remove cards."""

from datetime import datetime

from accounts.models import Consumer
from collection.errors import LastMethod
from core.db import unit
from payments import services as payments
from payments.models import PaymentMethod
from payments.queries import lock_methods
from plans.models import Plan
from plans.states import PLAN_OPEN


def remove_card(*, consumer: Consumer, method: PaymentMethod, at: datetime) -> None:
    """Remove a consumer's card; LastMethod if a payment is still open and no other card can be charged."""
    with unit():
        others = [row for row in lock_methods(consumer) if row.id != method.id and row.is_usable]
        if not others and Plan.objects.filter(consumer=consumer, status__in=PLAN_OPEN).exists():
            raise LastMethod("Add another card first: you still have payments to come.")
        payments.remove_method(consumer=consumer, method=method, at=at)
