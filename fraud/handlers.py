"""Event handlers of fraud."""

from datetime import datetime
from typing import Any

from accounts.events import ConsumerErased, DetailsChanged, IdentitySettled
from accounts.models import Consumer
from core.ids import parse_id
from fraud.acts.services import link_sign_in, note_change
from fraud.events import PurchaseAssessed, SignInNoted
from fraud.gathering import contacts_of
from fraud.laundering.services import forget_behavior
from fraud.models import AccountAct, Sighting
from fraud.network.rules import things_of
from fraud.network.services import forget_person, link, link_sighting
from fraud.services import erase
from fraud.states import ActKind


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Delete the sightings, the acts and the behavior of an erased person."""
    told: Any = {"consumer_id": parse_id(Consumer.PREFIX, event.consumer), "at": at}
    erase(**told)
    forget_behavior(**told)
    forget_person(**told)


def on_purchase_assessed(event: PurchaseAssessed, *, at: datetime) -> None:
    """Link a person with the values seen at an attempt to buy."""
    link_sighting(sighting_id=parse_id(Sighting.PREFIX, event.sighting), at=at)


def on_sign_in_noted(event: SignInNoted, *, at: datetime) -> None:
    """Link a person with the device and the internet address of their sign-in; does nothing if the act is already deleted."""
    act = AccountAct.objects.defer("internet", "zone").filter(pk=parse_id(AccountAct.PREFIX, event.act)).first()
    if act is not None:
        link_sign_in(act=act, at=act.at)


def on_details_changed(event: DetailsChanged, *, at: datetime) -> None:
    """Keep that a person's address or contacts have changed."""
    consumer = Consumer.objects.get(pk=parse_id(Consumer.PREFIX, event.consumer))
    kinds = [ActKind.ADDRESS] if "address" in event.fields else []
    for kind in [*kinds, *([ActKind.CONTACT] if {"email", "phone"} & set(event.fields) else [])]:
        note_change(consumer=consumer, kind=kind, at=at)


def on_identity_settled(event: IdentitySettled, *, at: datetime) -> None:
    """Link a person whose identity check has a result with their contacts and address."""
    consumer = Consumer.objects.get(pk=parse_id(Consumer.PREFIX, event.consumer))
    link(consumer_id=consumer.pk, things=things_of(contacts_of(consumer)), at=at)
