"""Free payments: the consumer is present and chooses an amount, over one plan or all of theirs, and the method."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime

from accounts.models import Consumer
from core.db import unit
from core.errors import NotFound
from core.idempotency import Once
from core.money import Money
from payments import services as payments
from payments.errors import MethodNotUsable
from payments.gateways.base import AUTHENTICATION, ChargeRequest, Speaker
from payments.models import Charge, PaymentMethod
from payments.queries import is_proven, is_removed, smallest_charge
from payments.services import NOBODY, Asker
from payments.speaking import speaker_of
from payments.states import MovementStatus
from plans import services as plans
from plans.models import Plan
from plans.services import FreeClaim


def pay_freely(
    *,
    consumer: Consumer,
    amount: Money,
    method: PaymentMethod,
    actor: str,
    at: datetime,
    plan: Plan | None = None,
    seen: str | None = None,
    once: Once | None = None,
    asker: Asker = NOBODY,
    exact: bool = False,
) -> list[Charge]:
    """Pay any amount from a method, on one plan or on all of the consumer's plans in its currency; return the charges, one a plan.

    What is more than owed goes back to the method; with `exact` it is not charged at all. Each charge ends as in `pay_now`; one may fail
    while another succeeds. A repeated request with the same `once` returns the first charges. NotFound for another consumer's plan or
    method; NothingToPay, AmountTooSmall, LeavesTooLittle and SomethingElse as `plans.services.claim_freely`; TooMany if the person has to
    wait before the next try of a card.
    """
    if method.consumer_id != consumer.id or (plan is not None and plan.consumer_id != consumer.id):
        raise NotFound("There is no such plan.")
    plan_id = plan.id if plan else None

    def claims(least: int) -> list[FreeClaim]:
        return plans.claim_freely(consumer=consumer, amount=amount, plan_id=plan_id, at=at, smallest=least, seen=seen, exact=exact)

    return _pay(claims, consumer=consumer, currency=amount.currency, method=method, actor=actor, once=once, asker=asker, at=at)


def pay_shares(
    *,
    consumer: Consumer,
    currency: str,
    shares: Callable[[], Mapping[uuid.UUID, int]],
    method: PaymentMethod,
    actor: str,
    at: datetime,
    once: Once | None = None,
    asker: Asker = NOBODY,
) -> list[Charge]:
    """Pay an amount of each of some plans of a consumer from a method; return the charges, one a plan, as `pay_freely` does.

    `shares` is called in the transaction of the claim, under locks that it takes, and gives the amounts in minor units by plan.
    """
    if method.consumer_id != consumer.id:
        raise NotFound("There is no such plan.")

    def claims(least: int) -> list[FreeClaim]:
        return plans.claim_shares(consumer=consumer, shares=shares(), at=at, smallest=least)

    return _pay(claims, consumer=consumer, currency=currency, method=method, actor=actor, once=once, asker=asker, at=at)


def _pay(
    claims_of: Callable[[int], list[FreeClaim]],
    *,
    consumer: Consumer,
    currency: str,
    method: PaymentMethod,
    actor: str,
    once: Once | None,
    asker: Asker,
    at: datetime,
) -> list[Charge]:
    """Claim, record and send charges; `claims_of` gets the smallest charge of the method."""
    asked: list[ChargeRequest] = []
    proven = is_proven(method)

    def claim() -> tuple[int, list[str]]:
        claims = claims_of(smallest_charge(method.gateway, currency))
        if is_removed(method.id):
            raise MethodNotUsable("This card was removed. Choose another one.")
        asked.extend(_request(one, method, actor, speaker_of(consumer.brand_id)) for one in claims)
        payments.open_charges(requests=asked, at=at)
        if not proven:
            payments.take_try(consumer=consumer, key=asked[0].key, asker=asker, at=at)
        return 201, [str(one.id) for one in asked]

    with unit():
        keys = once.run(at=at, work=claim).body if once else claim()[1]
    # A repeated request finds `asked` empty: only the first one calls the gateway.
    _run(asked, proven=proven, at=at)
    found = {str(charge.id): charge for charge in Charge.objects.select_related("payment_method").filter(id__in=keys)}
    charges = [found[key] for key in keys]
    if not proven and any(one.status != MovementStatus.FAILED or one.failure == AUTHENTICATION for one in charges):
        payments.forget_try(key=charges[0].public_id)
    return charges


def _run(asked: list[ChargeRequest], *, proven: bool, at: datetime) -> None:
    """Send the charges; of a card that has not paid before, one goes first, and the others are not sent if it is declined.

    So one try counts for one attempt at the card, however many plans are paid.
    """
    first, others = (asked, []) if proven else (asked[:1], asked[1:])
    payments.run_charges(requests=first, at=at)
    if not others:
        return
    known = Charge.objects.get(id=first[0].id)
    if known.status == MovementStatus.FAILED:
        payments.leave_undone(requests=others, failure=known.failure, at=at)
    else:
        payments.run_charges(requests=others, at=at)


def _request(claim: FreeClaim, method: PaymentMethod, actor: str, speaker: Speaker) -> ChargeRequest:
    return ChargeRequest(
        id=claim.charge_id,
        gateway=method.gateway,
        token=method.token,
        payment_method_id=method.id,
        reference=claim.part.plan.public_id,
        amount_minor=claim.part.amount_minor,
        currency=claim.part.plan.currency,
        actor=actor,
        kind=method.kind,
        speaker=speaker,
    )
