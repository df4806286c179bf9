"""Services that change consumers' details and record their steps of onboarding."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from accounts import queries, rules
from accounts.errors import DetailsFixed, DetailsInvalid
from accounts.events import ConsumerMoved, DetailsChanged
from accounts.models import Consumer, ConsumerChange
from accounts.screening.services import screen_again
from accounts.services.names import know_name
from accounts.services.persons import know_person
from accounts.states import Identity
from core import outbox
from core.arrays import text_array
from core.clock import local_date
from core.db import unit
from core.sentences import Sentence
from core.writes import change
from markets.models import Market

_NOTE_STEPS = """
    INSERT INTO accounts_onboardingstep (consumer_id, at, step) SELECT %s, %s, unnest(%s::text[]) ON CONFLICT DO NOTHING"""
FIXED_ONCE_CHECKED = ("name", "birth_date")


def update_details(
    *,
    consumer: Consumer,
    name: str | None = None,
    birth_date: date | None = None,
    address: Mapping[str, object] | None = None,
    phone: str = "",
    email: str = "",
    checked: bool = False,
    at: datetime,
    actor: str,
) -> Consumer:
    """Update a consumer's details; a value that is not given stays as it is. Return the consumer.

    The address has `line1`, `line2`, `postal_code`, `city` and, in markets with states, `region`. Phone and e-mail given here are for
    messages only: only contacts confirmed with a code identify a consumer. The time zone follows the address. `checked` says that an
    operator has seen proof; then a name or a date of birth that was checked before may change too.

    DetailsInvalid names every field at fault. DetailsFixed for a change of a name or a date of birth that was checked or is being checked,
    or of an e-mail address or number that a code has confirmed.
    """
    with unit():
        locked = queries.lock_consumer(consumer.pk)
        faults: dict[str, str] = {}
        told: dict[str, Any] = {} if address is None or _is_told(locked, address) else _place(locked, address, at, faults)
        zone = told.get("time_zone", locked.time_zone)
        told |= _told(locked.market, zone, name, birth_date, phone, email, at, faults)
        if faults:
            raise DetailsInvalid("Some details need another look.", fields=faults)
        changed = {field: value for field, value in told.items() if value != getattr(locked, field)}
        _refuse_fixed(locked, set(changed) - (set(FIXED_ONCE_CHECKED) if checked else set()))
        if not changed:
            return locked
        for field, value in changed.items():
            setattr(locked, field, value)
        locked.save(update_fields=list(changed))
        ConsumerChange.objects.create(consumer=locked, subject="details", change={"fields": sorted(changed)}, actor=actor, at=at)
        if "name" in changed:
            know_name(locked)
        if reached := sorted({"address", "email", "phone"} & changed.keys()):
            outbox.append(DetailsChanged(consumer=locked.public_id, fields=reached), at=at)
        if {"address", *FIXED_ONCE_CHECKED} & changed.keys() and locked.identity == Identity.VERIFIED:
            know_person(locked, at=at, actor=actor)
        if {"address", *FIXED_ONCE_CHECKED} & changed.keys():
            screen_again(consumer=locked)
        if "time_zone" in changed:
            outbox.append(ConsumerMoved(consumer=locked.public_id, time_zone=locked.time_zone), at=at)
        if not queries.missing_details(locked):
            note_step(consumer=locked, step="details", at=at)
    return locked


def _is_told(consumer: Consumer, address: Mapping[str, object]) -> bool:
    """Return whether an address equals the stored one, in the stored form."""
    return bool({"country": consumer.market_id} | {field: value for field, value in address.items() if value} == consumer.address)


def _place(consumer: Consumer, address: Mapping[str, object], at: datetime, faults: dict[str, str]) -> dict[str, Any]:
    """Return an address in its stored form, and its time zone; errors are added to `faults`."""
    market, day = consumer.market, local_date(at, consumer.time_zone)
    stored, wrong = rules.normalize_address(address, queries.address_form(market, day))
    faults |= wrong
    return {"address": stored} if wrong else {"address": stored, "time_zone": queries.zone_of(stored, market, day)}


def _told(
    market: Market, zone: str, name: str | None, birth_date: date | None, phone: str, email: str, at: datetime, faults: dict[str, str]
) -> dict[str, Any]:
    """Return the given details in their stored form; errors are added to `faults`."""
    asked: dict[str, Callable[[], str]] = {}
    if name is not None:
        asked["name"] = partial(rules.normalize_name, name)
    if birth_date is not None:
        asked["birth_date"] = partial(_checked_birth_date, birth_date, market, local_date(at, zone))
    if phone.strip():
        asked["phone"] = partial(rules.normalize_phone, phone, market.code)
    if email.strip():
        asked["email"] = partial(rules.normalize_email, email)
    told: dict[str, Any] = {}
    for field, normal in asked.items():
        try:
            told[field] = normal()
        except rules.Faulty as fault:
            faults[field] = str(fault)
    return told


def _checked_birth_date(birth_date: date, market: Market, today: date) -> str:
    rules.check_birth_date(birth_date, today, market.minimum_age)
    return birth_date.isoformat()


def _refuse_fixed(consumer: Consumer, changed: set[str]) -> None:
    fixed = set(FIXED_ONCE_CHECKED) if consumer.identity in (Identity.VERIFIED, Identity.PENDING) else set()
    fixed |= {field for field, confirmed in (("email", consumer.email_hash), ("phone", consumer.phone_hash)) if confirmed}
    if changed & fixed:
        sentence = Sentence("This was checked. Write to us to change it.")
        raise DetailsFixed("What was checked cannot be changed here.", fields=dict.fromkeys(sorted(changed & fixed), sentence))


def note_step(*, consumer: Consumer, step: str, at: datetime) -> None:
    """Record the first time that a consumer reaches a step of onboarding (`accounts.rules.STEPS`)."""
    note_steps(consumer=consumer, steps=(step,), at=at)


def note_steps(*, consumer: Consumer, steps: Collection[str], at: datetime) -> None:
    """Record the first time that a consumer reaches each of several steps of onboarding, in one statement."""
    if unknown := set(steps) - set(rules.STEPS):
        raise ValueError(f"not a step of onboarding: {', '.join(unknown)}")
    change(_NOTE_STEPS, [consumer.pk, at, text_array(steps)])
