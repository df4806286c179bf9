"""Remove cards."""

from datetime import datetime

from accounts.models import Consumer
from collection.errors import HoldsDeposit, LastMethod
from core.db import unit
from payments import services as payments
from payments.models import PaymentMethod
from payments.queries import lock_methods
from plans.models import Plan
from plans.queries import secures_deposit
from plans.states import PLAN_OPEN


def remove_card(*, consumer: Consumer, method: PaymentMethod, at: datetime) -> None:
    """Remove a consumer's card; LastMethod if a payment is open and no other card can be charged; HoldsDeposit if a deposit needs it.

    That is while it holds a deposit that was not charged yet, or a charge of one to it is under way.
    """
    with unit():
        others = [row for row in lock_methods(consumer) if row.id != method.id and row.is_usable]
        if not others and Plan.objects.filter(consumer=consumer, status__in=PLAN_OPEN).exists():
            raise LastMethod("Add another card first: you still have payments to come.")
        if secures_deposit(method.id):
            raise HoldsDeposit("This card holds the deposit of a purchase. You can remove it once the deposit is paid or no longer needed.")
        payments.remove_method(consumer=consumer, method=method, at=at)
