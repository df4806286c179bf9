"""Event handlers of fraud."""

from datetime import datetime
from typing import Any

from accounts.events import ConsumerErased, IdentitySettled
from accounts.models import Consumer
from core.ids import parse_id
from fraud.events import PurchaseAssessed
from fraud.gathering import contacts_of
from fraud.laundering.services import forget_behavior
from fraud.models import Sighting
from fraud.network.rules import things_of
from fraud.network.services import forget_person, link, link_sighting
from fraud.services import erase


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Delete the sightings and the behavior of an erased person."""
    told: Any = {"consumer_id": parse_id(Consumer.PREFIX, event.consumer), "at": at}
    erase(**told)
    forget_behavior(**told)
    forget_person(**told)


def on_purchase_assessed(event: PurchaseAssessed, *, at: datetime) -> None:
    """Link a person with the values seen at an attempt to buy."""
    link_sighting(sighting_id=parse_id(Sighting.PREFIX, event.sighting), at=at)


def on_identity_settled(event: IdentitySettled, *, at: datetime) -> None:
    """Link a person whose identity check has a result with their contacts and address."""
    consumer = Consumer.objects.get(pk=parse_id(Consumer.PREFIX, event.consumer))
    link(consumer_id=consumer.pk, things=things_of(contacts_of(consumer)), at=at)
