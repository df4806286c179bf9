"""Paying early, or paying what failed: the consumer is present and chooses what and with what."""

from datetime import datetime

from accounts.models import Consumer
from core.db import unit
from core.errors import NotFound
from core.ids import uuid7
from payments import services as payments
from payments.errors import MethodNotUsable
from payments.gateways.base import ChargeRequest
from payments.models import Charge, PaymentMethod
from payments.queries import is_removed
from plans import services as plans
from plans.models import Plan
from plans.queries import Scope, lock_plan


def pay_now(*, consumer: Consumer, plan: Plan, scope: Scope, method: PaymentMethod, actor: str, at: datetime) -> Charge:
    """Charge the `next` open installment of a consumer's plan, `all`, or those of some numbers to one of the methods; return the charge.

    The charge is succeeded, failed (with `action_url` where the person has to confirm at the bank), or unknown, in which case
    it is settled soon. NotFound for somebody else's plan or method; NothingToPay where nothing is open or a payment is under way.
    """
    if plan.consumer_id != consumer.id or method.consumer_id != consumer.id:
        raise NotFound("There is no such plan.")
    charge_id = uuid7()
    with unit():
        locked = lock_plan(plan.id)
        if is_removed(method.id):
            raise MethodNotUsable("This card was removed. Choose another one.")
        quote = plans.claim_early(plan=locked, scope=scope, charge_id=charge_id, at=at)
        request = ChargeRequest(
            id=charge_id,
            gateway=method.gateway,
            token=method.token,
            payment_method_id=method.id,
            reference=locked.public_id,
            amount_minor=quote.amount_minor,
            currency=locked.currency,
            actor=actor,
        )
        payments.open_charges(requests=[request], at=at)
    payments.run_charges(requests=[request], at=at)
    return Charge.objects.select_related("payment_method").get(id=charge_id)
