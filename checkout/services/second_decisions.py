"""A person reviews a credit decision: the decision is made again, from current data."""

from contextlib import suppress
from datetime import datetime

from accounts.models import Consumer
from accounts.states import Identity
from checkout.errors import CheckoutClosed
from checkout.models import Checkout
from checkout.services.histories import history_of
from checkout.services.sessions import reconsider
from core.errors import Conflict, NotFound
from core.ids import parse_id
from core.money import Money
from credit import services as credit
from credit.models import Decision
from credit.queries import list_decisions
from credit.rules.affording import Affordability


def decide_again(*, consumer: Consumer, reference: str, at: datetime) -> Decision:
    """Make the last decision again, about the same amount, from a new report of the data source; return the new decision.

    The decision counts for the person's limit at once, and for the next purchase. If `reference` is an open checkout that was refused, it
    is decided anew when the person comes back; an order that has ended stays ended. Conflict if there is no decision yet or the person's
    identity is not verified; Unavailable if the data source does not answer.
    """
    last = next(iter(list_decisions(consumer.pk, limit=1)), None)
    if last is None or consumer.identity != Identity.VERIFIED:
        raise Conflict("There is no credit decision that could be made again.", code="credit.nothing_decided")
    history, elsewhere = history_of(consumer)
    amount, before = Money(last.amount_minor, last.currency), Affordability.from_json(last.inputs.get("afford"))
    made = credit.decide(
        consumer=consumer,
        reference=reference,
        amount=amount,
        history=history,
        elsewhere=elsewhere,
        fresh=True,
        payment_of=(lambda: before.payment_minor) if before else None,
        at=at,
    )
    if made.outcome != "decline" and reference.startswith(f"{Checkout.PREFIX}_"):
        with suppress(NotFound, CheckoutClosed):
            reconsider(checkout_id=parse_id(Checkout.PREFIX, reference), consumer=consumer, since=at, at=at)
    return made
