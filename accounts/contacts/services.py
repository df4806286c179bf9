"""Ask for a change of a contact, undo it while it waits, and make it when its time has come.

Everything here locks the consumer first and the change afterwards: of two acts at once, one sees what the other did.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError

from accounts import queries
from accounts.contacts.models import ContactChange
from accounts.contacts.queries import find_waiting, is_closing, list_due, lock_change, owner_of
from accounts.devices.services import end_all
from accounts.errors import ContactRefused, ContactWaits
from accounts.events import ContactMoved, DetailsChanged
from accounts.models import Consumer, ConsumerChange, SignInCode
from accounts.rules import CODE_VALID
from accounts.services.sign_in import CHANNELS
from accounts.settable import CONTACT_COOLING
from brands.models import DEFAULT
from core import outbox
from core.adjusting import value_of
from core.crypto import lookup_hash
from core.db import unit
from core.errors import Conflict
from core.sentences import Sentence

log = logging.getLogger("bnpl.accounts")
CHUNK = 50
TIMER = "timer"


def ask_change(*, consumer_id: uuid.UUID, code: SignInCode, at: datetime) -> ContactChange:
    """Let a contact take the place of the consumer's own after the cooling time (`accounts.contact_cooling_hours`), and tell them at once.

    `code` is the one-time code that was sent to the new contact, and has just been typed right. Until then the old contact signs in and
    gets all codes and letters. ContactWaits if another change waits. ContactRefused if the contact is the consumer's own already or signs
    in to another account, in the same words. The door has made sure who the person is.
    """
    if code.used_at is None or at - code.used_at > CODE_VALID:
        raise Conflict("Show first that it is yours.")
    with unit():
        consumer = queries.lock_consumer(consumer_id)
        if find_waiting(consumer) is not None:
            raise waits()
        if _owner(consumer, code.channel, code.destination) is not None:
            sentence = Sentence("This cannot be used for your account. Choose another.")
            raise ContactRefused(sentence, fields={"contact": sentence})
        field, hash_field = CHANNELS[code.channel]
        change = ContactChange.objects.create(
            consumer=consumer,
            channel=code.channel,
            contact=code.destination,
            former=getattr(consumer, field) if getattr(consumer, hash_field) else "",
            asked_at=at,
            due_at=at + timedelta(hours=value_of(CONTACT_COOLING)),
        )
        _tell(change, at)
    return change


def waits() -> ContactWaits:
    """Return the error that a change waits already."""
    return ContactWaits("A change waits already. Undo it first, or wait until it is made.")


def undo_change(*, change_id: uuid.UUID, signs_out: bool, actor: str, at: datetime) -> ContactChange:
    """Keep the old contact, and tell the person; `signs_out` ends all their sessions, since somebody else asked for the change.

    One that was undone before stays so. Conflict if it was made. NotFound.
    """
    with unit():
        change = _locked(change_id)
        if change.is_open:
            change.undo()
            _end(change, actor, at)
            if signs_out:
                end_all(consumer_id=change.consumer_id, tell=False, at=at)
        elif change.is_made:
            raise Conflict("The change was made. Write to us if it was not you.", code="accounts.contact_made")
    return change


def make_changes(*, at: datetime) -> int:
    """Make the changes whose time has come, end all sessions of their people, and tell both contacts; a timer. Return how many ended.

    Each is a separate commit. A change whose contact signs in to another account by now is dropped, and its person told.
    """
    return sum([_make(one.pk, at) for one in list_due(at, CHUNK)])


def _make(change_id: uuid.UUID, at: datetime) -> bool:
    try:
        try:
            return _made(change_id, at)
        except IntegrityError:
            # Somebody signed up with the new contact at this very moment, which is seen now.
            return _made(change_id, at)
    except Exception:
        # No error may hold up the changes of others; this one is tried again.
        log.exception("change of a contact %s cannot be made", change_id)
        return False


def _made(change_id: uuid.UUID, at: datetime) -> bool:
    with unit():
        change = _locked(change_id)
        if not change.is_open or change.due_at > at:
            return False
        if change.consumer.is_erased or is_closing(change) or _owner(change.consumer, change.channel, change.contact) is not None:
            change.drop()
        else:
            change.make()
            _take(change)
            told = {"fields": [CHANNELS[change.channel][0]]}
            ConsumerChange.objects.create(consumer=change.consumer, subject="contact", change=told, actor=change.consumer.public_id, at=at)
            outbox.append(DetailsChanged(consumer=change.consumer.public_id, **told), at=at)
            end_all(consumer_id=change.consumer_id, tell=False, at=at)
        _end(change, TIMER, at)
    return True


def _take(change: ContactChange) -> None:
    """Write the new contact into the locked consumer's row; IntegrityError if another account has it by now."""
    field, hash_field = CHANNELS[change.channel]
    setattr(change.consumer, field, change.contact)
    setattr(change.consumer, hash_field, lookup_hash(change.contact))
    change.consumer.save(update_fields=[field, hash_field])


def _owner(consumer: Consumer, channel: str, contact: str) -> Consumer | None:
    return queries.find_consumer(channel=channel, destination=contact, brand=consumer.brand_id or DEFAULT)


def _locked(change_id: uuid.UUID) -> ContactChange:
    """Lock a change and, before it, its consumer; NotFound."""
    consumer = queries.lock_consumer(owner_of(change_id))
    change = lock_change(change_id)
    change.consumer = consumer
    return change


def _end(change: ContactChange, actor: str, at: datetime) -> None:
    change.ended_at, change.ended_by = at, actor
    change.save(update_fields=["status", "ended_at", "ended_by"])
    _tell(change, at)


def _tell(change: ContactChange, at: datetime) -> None:
    told = {"consumer": change.consumer.public_id, "change": change.public_id, "status": change.status}
    outbox.append(ContactMoved(**told), at=at)
