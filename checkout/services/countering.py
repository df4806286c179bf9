"""Counter-offers: a deposit with which a purchase that only the limit refuses could be made after all."""

import uuid
from datetime import datetime
from functools import partial

from accounts.models import Consumer
from checkout.coarse import code_of
from checkout.errors import CheckoutClosed, NoCounterOffer
from checkout.events import CheckoutDeclined
from checkout.models import Checkout
from checkout.queries import lock_checkout
from checkout.quoting import deposit_offered, lightest_payment
from checkout.services.histories import history_of
from checkout.services.offering import rule_offer
from checkout.services.sessions import reach, require_open
from checkout.states import CheckoutStatus
from core.db import unit
from core.errors import NotFound
from core.money import Money
from core.outbox import append
from credit import services as credit
from credit.models import Decision


def accept_counter(*, checkout_id: uuid.UUID, consumer: Consumer, at: datetime) -> Decision:
    """Decide about what a counter-offer would lend, and go on with a deposit of the rest; return the decision.

    Calls the data sources outside any transaction. Pressed again, it returns the decision that stands. NoCounterOffer if there is none, or
    none any more; NotFound for another person's checkout.
    """
    with unit():
        checkout = lock_checkout(checkout_id)
        require_open(checkout, at)
    refused, deposit = checkout.decision, deposit_offered(checkout)
    if checkout.consumer_id != consumer.id:
        raise NotFound("There is no such checkout.")
    if refused is not None and checkout.deposit_minor:
        return refused
    if refused is None or not deposit:
        raise NoCounterOffer("This offer does not stand any more.")
    history, elsewhere = history_of(consumer)
    checkout.deposit_minor = deposit
    decision = credit.decide(
        consumer=consumer,
        reference=checkout.public_id,
        amount=Money(refused.counter_minor, checkout.currency),
        history=history,
        elsewhere=elsewhere,
        payment_of=partial(lightest_payment, checkout, at),
        at=at,
    )
    with unit():
        checkout = lock_checkout(checkout_id)
        if checkout.status != CheckoutStatus.OPEN or checkout.decision_id != refused.pk:
            raise CheckoutClosed("The purchase changed meanwhile. Please look at it again.", code="checkout.changed")
        _go_on(checkout, consumer, decision, deposit, at)
    return decision


def _go_on(checkout: Checkout, consumer: Consumer, decision: Decision, deposit_minor: int, at: datetime) -> None:
    """Give a locked checkout the decision about what is lent; with its deposit, unless it was refused as well: then the shop is told."""
    approved = decision.outcome != "decline"
    checkout.decision, checkout.withheld, checkout.ruled = decision, {}, {}
    checkout.deposit_minor = deposit_minor if approved else 0
    if approved:
        rule_offer(checkout, consumer, decision, at)
    checkout.save(update_fields=["decision", "withheld", "ruled", "deposit_minor"])
    reach(checkout, "approved" if approved else "declined", at)
    if not approved:
        told = {"checkout": checkout.public_id, "merchant": checkout.merchant.public_id, "declined": code_of(decision.reasons)}
        append(CheckoutDeclined(**told), at=at)
