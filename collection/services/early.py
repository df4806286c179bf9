"""Early payments and payments after a failure: the consumer is present and chooses the installments and the method."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Consumer
from collection.services.paying import pay_once
from core.idempotency import Once
from core.ids import uuid7
from payments import services as payments
from payments.errors import MethodNotUsable
from payments.gateways.base import ChargeRequest, Speaker
from payments.models import Charge, PaymentMethod
from payments.queries import is_removed, smallest_charge
from payments.services import NOBODY, Asker
from payments.speaking import speaker_of
from plans import services as plans
from plans.errors import SomethingElse
from plans.models import Plan
from plans.queries import Scope, lock_plan


@dataclass(frozen=True, slots=True)
class Seen:
    """The quote that a person saw: the installments, and the total in minor units."""

    numbers: tuple[int, ...]
    amount_minor: int


def pay_now(
    *,
    consumer: Consumer,
    plan: Plan,
    scope: Scope,
    method: PaymentMethod,
    actor: str,
    at: datetime,
    seen: Seen | None = None,
    once: Once | None = None,
    asker: Asker = NOBODY,
) -> Charge:
    """Charge installments of a consumer's plan to a method and return the charge; `scope` is `next`, `all`, or installment numbers.

    The charge is succeeded, failed (with `action_url` if the person has to confirm at the bank), or unknown (then it is settled soon). A
    bank debit is `under_way` for days. A repeated request with the same `once` returns the first charge. NotFound for another consumer's
    plan or method; NothingToPay if nothing is open or a payment is under way; SomethingElse if the open amount differs from `seen`;
    AmountTooSmall below the smallest charge; TooMany if the person has to wait before the next try of a card.
    """

    def claim() -> ChargeRequest:
        return _claim(plan, scope, method, seen, actor, at, speaker_of(consumer.brand_id))

    return pay_once(consumer=consumer, plan=plan, method=method, claim=claim, once=once, asker=asker, at=at)


def _claim(plan: Plan, scope: Scope, method: PaymentMethod, seen: Seen | None, actor: str, at: datetime, speaker: Speaker) -> ChargeRequest:
    """Claim the installments to pay and return the request of the charge, recorded in the caller's transaction."""
    locked = lock_plan(plan.id)
    if is_removed(method.id):
        raise MethodNotUsable("This card was removed. Choose another one.")
    charge_id = uuid7()
    least = smallest_charge(method.gateway, locked.currency)
    quote = plans.claim_early(plan=locked, scope=scope, charge_id=charge_id, at=at, smallest=least)
    if seen is not None and seen != Seen(quote.numbers, quote.amount_minor):
        raise SomethingElse("What is to be paid changed since you looked. Please look at it again. Nothing was charged.")
    request = ChargeRequest(
        id=charge_id,
        gateway=method.gateway,
        token=method.token,
        payment_method_id=method.id,
        reference=locked.public_id,
        amount_minor=quote.amount_minor,
        currency=locked.currency,
        actor=actor,
        kind=method.kind,
        speaker=speaker,
    )
    payments.open_charges(requests=[request], at=at)
    return request
