"""What operators do about a consumer: notes, and blocks of new purchases."""

import uuid
from datetime import datetime

from accounts import queries, rules
from accounts.models import Block, Consumer, Note, User
from accounts.rules.requests import written
from core.db import unit
from core.errors import Conflict, Invalid, require
from core.sentences import Sentence

MAY_LOOK_AFTER = "accounts.look_after_person"


def write_note(*, consumer_id: uuid.UUID, user: User, text: str, once: str, at: datetime) -> Note:
    """Write a note about a consumer; a form sent twice (`once`, its key) writes it once. Forbidden without the permission."""
    require(user, MAY_LOOK_AFTER)
    words = _checked(text)
    with unit():
        consumer = queries.lock_consumer(consumer_id)
        written = Note.objects.filter(once=once).first()
        if written is not None:
            return written
        return Note.objects.create(consumer=consumer, text=words, by=user, once=once, at=at)


def block_person(*, consumer_id: uuid.UUID, user: User, reason: str, note: str, at: datetime) -> Block:
    """Refuse a person's new purchases, in all their accounts, until somebody unblocks them; earlier purchases are not affected.

    Conflict if they are already blocked; Forbidden without the permission.
    """
    require(user, MAY_LOOK_AFTER)
    if reason not in dict(Block.REASONS):
        raise Invalid("Choose a reason.", fields={"reason": Sentence("not one of the reasons")})
    words = _checked(note)
    with unit():
        holder = queries.lock_person_of(consumer_id)
        if queries.find_block(holder) is not None:
            raise Conflict("This person is blocked already.", code="accounts.blocked")
        consumer = Consumer.objects.get(pk=consumer_id)
        return Block.objects.create(consumer=consumer, reason=reason, note=words, blocked_by=user, blocked_at=at)


def unblock_person(*, consumer_id: uuid.UUID, user: User, note: str, at: datetime) -> Block:
    """Let a blocked person buy again; Conflict if they are not blocked, Forbidden without the permission."""
    require(user, MAY_LOOK_AFTER)
    words = _checked(note)
    with unit():
        block = queries.find_block(queries.lock_person_of(consumer_id))
        if block is None:
            raise Conflict("This person is not blocked.", code="accounts.not_blocked")
        block.lifted_by, block.lifted_at, block.lifted_note = user, max(at, block.blocked_at), words
        block.save(update_fields=["lifted_by", "lifted_at", "lifted_note"])
        return block


def _checked(text: str) -> str:
    """Return a text in its stored form; Invalid if it is empty or too long."""
    try:
        return written(text)
    except rules.Faulty as fault:
        raise Invalid(str(fault), fields={"text": str(fault)}) from None
