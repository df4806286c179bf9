"""Links to pay what is late, sent on a call to the person who asks for one, and what becomes of them."""

import uuid
from datetime import datetime

from accounts.models import User
from collection.cases import list_late_of
from collection.contacting import complaining
from collection.events import PayLinkSent
from collection.models import Call, ContactStop, PayLink
from collection.queries import lock_case
from collection.services.cases import MAY_WORK
from core.db import unit
from core.errors import Conflict, Invalid, NotFound, require
from core.outbox import append
from core.sentences import Sentence
from plans.standstill import find_standstill


def send_pay_link(*, case_id: uuid.UUID, plan: str, channel: str, user: User, at: datetime) -> PayLink:
    """Send a link to pay what is late of a plan (its key) to the person of a case, who asks for it on the call that is under way.

    Invalid for an unknown channel, or without an address for it. Conflict without a call under way, after a death or an insolvency, while
    a complaint waits, if the person does not want the channel, if nothing is late of the plan, or if it was sent on this call already.
    """
    require(user, MAY_WORK)
    if channel not in dict(PayLink.CHANNELS):
        raise Invalid("Choose how.", fields={"channel": Sentence("choose one of these")})
    with unit():
        case = lock_case(case_id)
        consumer = case.consumer
        call = Call.objects.filter(consumer=consumer, ended_at=None).first()
        if call is None:
            raise Conflict("A link is sent on a call that is under way.", code="collection.no_call")
        late = next((one for one in list_late_of(consumer.pk, at) if str(one.plan.pk) == plan), None)
        if late is None:
            raise NotFound("Nothing of this purchase is late any more.")
        if find_standstill(consumer.pk) is not None or consumer.pk in complaining([consumer.pk]):
            raise Conflict("Nothing is asked of this person now.", code="collection.not_asked")
        if ContactStop.objects.filter(consumer=consumer, channel=channel, ended_at=None).exists():
            raise Conflict("The person does not want this channel. Note that they allow it again first.", code="collection.asked_not")
        if not (consumer.phone if channel == PayLink.SMS else consumer.email):
            raise Invalid("No address is known for this.", fields={"channel": Sentence("choose one of these")})
        if PayLink.objects.filter(call=call, plan=late.plan, channel=channel).exists():
            raise Conflict("The link was sent on this call already.", code="collection.link_sent")
        made = PayLink.objects.create(
            call=call,
            consumer=consumer,
            plan=late.plan,
            channel=channel,
            late_minor=late.late_minor,
            sent_by=str(user.pk),
            sent_at=at,
        )
        append(
            PayLinkSent(
                plan=late.plan.public_id,
                reference=late.plan.reference,
                link=made.public_id,
                channel=channel,
                amount_minor=late.late_minor,
                currency=late.plan.currency,
            ),
            at=at,
        )
    return made


def note_opened(*, link_id: uuid.UUID, at: datetime) -> None:
    """Note that the page of a link was asked for, the first time; nothing for a link that is not known."""
    PayLink.objects.filter(pk=link_id, opened_at=None).update(opened_at=at)


def note_paid_by(*, link_id: uuid.UUID, charge_id: uuid.UUID, at: datetime) -> None:
    """Note the payment that was made by a link; whether it stands is read from the payment."""
    PayLink.objects.filter(pk=link_id).update(charge_id=charge_id)
