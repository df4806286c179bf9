"""Failed refunds that are sent again: to the same card, or to another one of the person."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.db import unit
from core.errors import Conflict, NotFound
from core.ids import uuid7
from payments import gateways
from payments.gateways.base import Takings
from payments.models import MethodKind, PaymentMethod, Refund, Turn
from payments.queries import find_transfer, is_unpaid, lock_refund, request_of
from payments.services.breaks import close_breaks_about
from payments.services.refunds import open_refunds, turn_of_refund
from payments.texts import SENT_AGAIN


def resend_refund(*, refund_id: uuid.UUID, actor: str, at: datetime) -> Refund:
    """Send a failed refund again under a new key, and close its breaks on the work list.

    Conflict if the refund did not fail or was sent again already; RefundTooLarge if other refunds have used up the charge meanwhile.
    """
    with unit():
        return _send_again(lock_refund(refund_id), {}, actor, at)


def redirect_refund(*, refund_id: uuid.UUID, method: PaymentMethod, actor: str, at: datetime) -> Refund:
    """Send a failed refund to another card of the person under a new key, and close its breaks.

    Conflict if the refund did not fail, or if its gateway refunds only to the charged card; NotFound for somebody else's card.
    """
    goes = gateways.connect(method.gateway, Takings).refunds_elsewhere
    with unit():
        refund = lock_refund(refund_id)
        if method.consumer_id != refund.charge.payment_method.consumer_id or not method.is_usable:
            raise NotFound("There is no such payment method.")
        if method.gateway != refund.gateway or not goes or method.kind != MethodKind.CARD:
            raise Conflict("Money cannot go back to this card.", code="payments.refund_elsewhere")
        return _send_again(refund, {"payment_method_id": method.id, "token": method.token}, actor, at)


def _send_again(refund: Refund, to: dict[str, Any], actor: str, at: datetime) -> Refund:
    wanted = find_transfer(refund.id)
    if wanted is not None or not is_unpaid(refund.id):
        raise Conflict("This refund is not one to send again.", code="payments.refund_not_resendable")
    (again,) = open_refunds(requests=[replace(request_of(refund), id=uuid7(), **to)], at=at, replaces=refund)
    turn_of_refund(refund, Turn.RESENT, at=at).save(force_insert=True)
    close_breaks_about(subjects=[refund.public_id], note=f"{SENT_AGAIN}{again.public_id}", actor=actor, at=at)
    return again
