"""One charge that a person makes now: claimed and recorded once, then sent, with what it counts for as a try of the card."""

from collections.abc import Callable
from datetime import datetime

from accounts.models import Consumer
from core.db import unit
from core.errors import NotFound
from core.idempotency import Once
from payments import services as payments
from payments.gateways.base import AUTHENTICATION, ChargeRequest
from payments.models import Charge, PaymentMethod
from payments.queries import is_proven
from payments.services import Asker
from payments.states import MovementStatus
from plans.models import Plan


def pay_once(
    *,
    consumer: Consumer,
    plan: Plan,
    method: PaymentMethod,
    claim: Callable[[], ChargeRequest],
    once: Once | None,
    asker: Asker,
    at: datetime,
) -> Charge:
    """Make the charge that `claim` claims and records, in the transaction that is begun here, and return it.

    A repeated request with the same `once` returns the first charge. NotFound for another consumer's plan or method; TooMany if the person
    has to wait before the next try of a card; and whatever `claim` raises.
    """
    if plan.consumer_id != consumer.id or method.consumer_id != consumer.id:
        raise NotFound("There is no such plan.")
    asked: list[ChargeRequest] = []
    proven = is_proven(method)

    def work() -> tuple[int, str]:
        asked.append(claim())
        if not proven:
            payments.take_try(consumer=consumer, key=asked[0].key, asker=asker, at=at)
        return 201, str(asked[0].id)

    with unit():
        key = once.run(at=at, work=work).body if once else work()[1]
    # A repeated request finds `asked` empty: only the first one calls the gateway.
    payments.run_charges(requests=asked, at=at)
    charge = Charge.objects.select_related("payment_method").get(id=key)
    if not proven and (charge.status != MovementStatus.FAILED or charge.failure == AUTHENTICATION):
        payments.forget_try(key=charge.public_id)
    return charge
