"""Counter-offers: a deposit with which a purchase that only the limit refuses could be made after all."""

import uuid
from datetime import datetime

from accounts.models import Consumer
from accounts.screening.guards import suppress_stops
from checkout.errors import NoCounterOffer
from checkout.models import Checkout
from checkout.queries import lock_checkout
from checkout.quoting import deposit_offered
from checkout.services.assessing import assess_first
from checkout.services.histories import history_of
from checkout.services.sessions import changed, decide_locked, require_open
from core.db import unit
from core.errors import NotFound
from core.money import Money
from core.writes import together
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
        assess_first(checkout=checkout, consumer=consumer, at=at)
        history, elsewhere = history_of(consumer)
        gathered = credit.gather(consumer=consumer, amount=amount, history=history, at=at)
        with suppress_stops(), unit():
            checkout = lock_checkout(checkout_id)
            standing = _require_offer(checkout, consumer, at)
            if checkout.deposit_minor:
                return standing
            if standing.pk != refused.pk:
                raise changed()
            checkout.deposit_minor = deposit_offered(checkout)
            with together():
                return decide_locked(checkout, consumer, gathered, elsewhere, at)


def _require_offer(checkout: Checkout, consumer: Consumer, at: datetime) -> Decision:
    """Return the decision of a locked checkout that made a counter-offer, or the one about what it lends if it was accepted already."""
    require_open(checkout, at)
    if checkout.consumer_id != consumer.id:
        raise NotFound("There is no such checkout.")
    if checkout.decision is None or not (checkout.deposit_minor or deposit_offered(checkout)):
        raise NoCounterOffer("This offer does not stand any more.")
    return checkout.decision
