"""Messages that an operator sends again."""

import logging
import uuid
from datetime import datetime

from accounts.models import Consumer, User
from core.clock import wall
from core.db import unit
from core.errors import Conflict, require
from core.ids import uuid7
from notifications.models import Message
from notifications.queries import get_sent

log = logging.getLogger("bnpl.notifications")
MAY_RESEND = "notifications.resend_message"


def resend_message(*, consumer: Consumer, message_id: uuid.UUID, user: User, at: datetime) -> Message:
    """Queue one of a consumer's e-mails or SMS again, with the same facts, to the consumer's current contact.

    NotFound if it is not theirs; Conflict for a person whose data was erased; Forbidden without the permission.
    """
    require(user, MAY_RESEND)
    with unit():
        sent = get_sent(message_id, consumer)
        if consumer.is_erased:
            raise Conflict("This person was erased. Nothing is sent to them.")
        key = uuid7()
        again = Message(
            id=key,
            consumer=consumer,
            channel=sent.channel,
            kind=sent.kind,
            context=sent.context | {"again_of": sent.public_id, "again_by": str(user.pk)},
            facts=sent.facts,
            dedupe=f"again:{key.hex}",
            not_before=at,
            next_at=wall(),
            at=at,
        )
        again.save(force_insert=True)
    log.info("message_resent message=%s again_of=%s user=%s", again.public_id, sent.public_id, user.pk)
    return again
