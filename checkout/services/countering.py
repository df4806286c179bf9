"""Counter-offers: a deposit with which a purchase that only the limit refuses could be made after all."""

import uuid
from collections.abc import Collection
from datetime import datetime
from functools import partial

from accounts.models import Consumer
from accounts.screening.guards import suppress_stops
from checkout.errors import NoCounterOffer
from checkout.models import Checkout
from checkout.queries import lock_checkout
from checkout.quoting import deposit_offered, lightest_payment
from checkout.services.histories import history_of
from checkout.services.offering import rule_offer
from checkout.services.sessions import changed, require_open, step_to, tell_declined
from core.db import unit
from core.errors import NotFound
from core.money import Money
from core.writes import together, update
from credit import services as credit
from credit.models import Decision


def accept_counter(*, checkout_id: uuid.UUID, consumer: Consumer, at: datetime) -> Decision:
    """Decide about what a counter-offer would lend, and go on with a deposit of the rest; return the decision.

    Calls the data sources outside any transaction; decision and checkout are written in one commit. Pressed again, it returns the decision
    that stands. NoCounterOffer if there is none, or none any more; NotFound for another person's checkout; CheckoutClosed, also if another
    decision was made meanwhile.
    """
    with unit():
        checkout = lock_checkout(checkout_id)
        refused = _require_offer(checkout, consumer, at)
    if checkout.deposit_minor:
        return refused
    amount = Money(refused.counter_minor, checkout.currency)
    while True:
        history, elsewhere = history_of(consumer)
        gathered = credit.gather(consumer=consumer, amount=amount, history=history, at=at)
        with suppress_stops(), unit():
            checkout = lock_checkout(checkout_id)
            standing = _require_offer(checkout, consumer, at)
            if checkout.deposit_minor:
                return standing
            if standing.pk != refused.pk:
                raise changed()
            with together():
                return _decide_locked(checkout, consumer, amount, gathered, elsewhere, at)


def _require_offer(checkout: Checkout, consumer: Consumer, at: datetime) -> Decision:
    """Return the decision of a locked checkout that made a counter-offer, or the one about what it lends if it was accepted already."""
    require_open(checkout, at)
    if checkout.consumer_id != consumer.id:
        raise NotFound("There is no such checkout.")
    if checkout.decision is None or not (checkout.deposit_minor or deposit_offered(checkout)):
        raise NoCounterOffer("This offer does not stand any more.")
    return checkout.decision


def _decide_locked(
    checkout: Checkout, consumer: Consumer, amount: Money, gathered: credit.Gathered, elsewhere: Collection[str], at: datetime
) -> Decision:
    """Decide about the amount that a locked checkout would be lent, and go on with its deposit; all writes leave together.

    If this is refused as well, there is no deposit, and the shop is told.
    """
    checkout.deposit_minor = deposit_offered(checkout)
    decision = credit.decide(
        consumer=consumer,
        reference=checkout.public_id,
        amount=amount,
        gathered=gathered,
        elsewhere=elsewhere,
        payment_of=partial(lightest_payment, checkout, at),
        at=at,
    )
    approved = decision.outcome != "decline"
    checkout.decision, checkout.withheld, checkout.ruled = decision, {}, {}
    if approved:
        rule_offer(checkout, consumer, decision, at)
    else:
        checkout.deposit_minor = 0
    told = step_to(checkout, "approved" if approved else "declined", at)
    update(checkout, "decision", "withheld", "ruled", "deposit_minor", *told)
    if not approved:
        tell_declined(checkout, decision, at)
    return decision
