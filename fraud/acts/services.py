"""Keep acts on accounts, and count them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Consumer
from core.db import unit
from core.outbox import append
from fraud import rules
from fraud.acts.queries import find_device_age, is_after_new
from fraud.counters import note_act
from fraud.events import SignInNoted
from fraud.gathering import contacts_of, print_of
from fraud.hashing import hash_of
from fraud.models import AccountAct
from fraud.network.rules import things_of
from fraud.network.services import link
from fraud.networks import whereabouts_of
from fraud.purchases import NO_DEVICE, Device
from fraud.states import ActKind

SETTLING = timedelta(days=1)
"""Details that are entered within this time after an account was opened are not changes."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A kept sign-in; `first_seen`: the device has an id of its own, and the person was never seen with it before."""

    act: AccountAct
    first_seen: bool


def note_sign_in(*, consumer: Consumer, device: Device = NO_DEVICE, network: str = "", at: datetime) -> Noted:
    """Keep and count a sign-in with its device and internet address. The caller may be in a transaction."""
    values, where = _seen(consumer, device, network), whereabouts_of(network)
    gap = rules.zone_gap(device.zone, consumer.time_zone, at) if device.zone else None
    with unit():
        age = find_device_age(values, at)
        new = age.is_new(told=bool(device.id or device.print), at=at)
        act = _keep(
            AccountAct(
                consumer=consumer,
                kind=ActKind.SIGN_IN.value,
                from_new=new,
                network_kind=where.kind,
                zone_gap_min=None if gap is None else round(gap * 60),
                internet=network if where.counted else "",
                zone=device.zone,
                at=at,
                **values,
            )
        )
        append(SignInNoted(act=act.public_id), at=at)
    return Noted(act, bool(device.id) and not age.by_id)


def note_failed_code(*, consumer: Consumer | None, device: Device = NO_DEVICE, network: str = "", at: datetime) -> AccountAct:
    """Keep and count a mistyped code for a contact of a person, or of nobody. Nothing of the person who typed it is sealed or told."""
    values = _seen(consumer, device, network)
    with unit():
        return _keep(
            AccountAct(consumer=consumer, kind=ActKind.CODE_FAILED.value, network_kind=whereabouts_of(network).kind, at=at, **values)
        )


def note_change(*, consumer: Consumer, kind: ActKind, at: datetime) -> AccountAct | None:
    """Keep and count a changed address or contact, or an added card or bank account, in the caller's transaction.

    None for details that are entered within a day of opening the account.
    """
    if kind in {ActKind.ADDRESS, ActKind.CONTACT} and at < consumer.created_at + SETTLING:
        return None
    person = contacts_of(consumer)["person_key"]
    return _keep(AccountAct(consumer=consumer, kind=kind.value, person_key=person, from_new=is_after_new(person, at), at=at))


def link_sign_in(*, act: AccountAct, at: datetime) -> None:
    """Link the person of a sign-in with its device and internet address."""
    if act.consumer_id is not None:
        things = things_of({"person_key": act.person_key, "device": act.device, "network": act.network})
        link(consumer_id=act.consumer_id, things=things, at=at)


def _keep(act: AccountAct) -> AccountAct:
    """Count and insert an act, in this order: a count that is rolled back is one too many, and never one too few."""
    values = {"person_key": act.person_key, "device": act.device, "network": act.network}
    note_act(ActKind(act.kind), values, act=str(act.pk), at_s=act.at.timestamp())
    act.save(force_insert=True)
    return act


def _seen(consumer: Consumer | None, device: Device, network: str) -> Mapping[str, str]:
    """Return the keyed hashes of an act, by column."""
    found = {"device": hash_of("device", device.id), "network": hash_of("network", whereabouts_of(network).counted)}
    if consumer is None:
        return found | {"person_key": "", "browser": ""}
    return found | {"person_key": contacts_of(consumer)["person_key"], "browser": print_of(consumer, device)}
