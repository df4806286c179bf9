"""Handlers of events that change payment methods."""

from datetime import datetime

from accounts.events import ConsumerErased
from accounts.models import Consumer
from core.ids import parse_id
from fraud.network.services import link
from fraud.states import LinkKind
from payments.events import MethodEnabled
from payments.models import MethodKind, PaymentMethod
from payments.services import forget_methods


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Forget the payment methods of a person who was erased."""
    forget_methods(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)


def on_method_enabled(event: MethodEnabled, *, at: datetime) -> None:
    """Record a person's cards, which link them with others who use the same ones, whether or not they buy with them."""
    consumer_id = parse_id(Consumer.PREFIX, event.consumer)
    cards = PaymentMethod.objects.filter(consumer_id=consumer_id, kind=MethodKind.CARD, removed_at=None)
    link(consumer_id=consumer_id, things=[(LinkKind.CARD, card.known_as) for card in cards], at=at)
