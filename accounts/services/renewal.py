"""Old rows about people: update names, addresses and time zones to the current stored form; record name hashes and person keys."""

import uuid
from datetime import datetime

from accounts import queries, rules
from accounts.events import ConsumerMoved
from accounts.models import Consumer, ConsumerChange
from accounts.services.names import know_name
from accounts.services.persons import know_person
from accounts.states import Identity
from core import outbox
from core.clock import local_date
from core.crypto import lookup_hashes
from core.db import unit

BATCH = 200


def renew_people(*, after: uuid.UUID | None, at: datetime, actor: str) -> tuple[uuid.UUID | None, int]:
    """Update the next people above a key to the stored form; return the last key (None at the end), and how many changed.

    Each person is a separate commit. An address that the market would refuse today stays as it is.
    """
    above = Consumer.objects.filter(pk__gt=after) if after else Consumer.objects.all()
    keys = list(above.order_by("pk").values_list("pk", flat=True)[:BATCH])
    changed = sum(_renew(key, at, actor) for key in keys)
    return (keys[-1] if len(keys) == BATCH else None), changed


def _renew(key: uuid.UUID, at: datetime, actor: str) -> bool:
    with unit():
        consumer = queries.lock_consumer(key)
        wanted = _stored_form(consumer, at)
        changed = {field: value for field, value in wanted.items() if value != getattr(consumer, field)}
        for field, value in changed.items():
            setattr(consumer, field, value)
        if changed:
            consumer.save(update_fields=list(changed))
            ConsumerChange.objects.create(consumer=consumer, subject="details", change={"fields": sorted(changed)}, actor=actor, at=at)
        name_changed = know_name(consumer)
        if consumer.identity == Identity.VERIFIED and not queries.missing_details(consumer):
            know_person(consumer, at=at, actor=actor)
        if "time_zone" in changed:
            outbox.append(ConsumerMoved(consumer=consumer.public_id, time_zone=consumer.time_zone), at=at)
    return bool(changed) or name_changed


def _stored_form(consumer: Consumer, at: datetime) -> dict[str, object]:
    """Return a consumer's known and valid details in the form in which they would be stored today."""
    day, wanted = local_date(at, consumer.time_zone), dict[str, object]()
    for field in ("email", "phone"):
        newest, *before = lookup_hashes(getattr(consumer, field) or "")
        wanted |= {f"{field}_hash": newest} if getattr(consumer, f"{field}_hash") in before else {}
    if consumer.name:
        try:
            wanted["name"] = rules.normalize_name(consumer.name)
        except rules.Faulty:
            wanted["name"] = consumer.name
    if consumer.address:
        address, faults = rules.normalize_address(consumer.address, queries.address_form(consumer.market, day))
        wanted["address"] = consumer.address if faults else address
        wanted["time_zone"] = queries.zone_of(consumer.address if faults else address, consumer.market, day)
    return wanted
