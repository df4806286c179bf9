"""Movements without an answer that two people close by hand: booked once, by the same services as a gateway's answer."""

from datetime import datetime
from typing import Any

from core.db import unit
from core.errors import Conflict
from payments.failures import GATEWAY_GONE, NEVER_MADE
from payments.gateways.base import Outcome, Status, done
from payments.models import Authorization, Movement, MovementEvent, Turn
from payments.services.authorizations import AUTHORIZATIONS
from payments.services.breaks import close_breaks_about
from payments.services.charges import CHARGES
from payments.services.payouts import PAYOUTS
from payments.services.recording import Kind
from payments.services.refunds import REFUNDS
from payments.silence import End, count_by_hand, end_by_hand, is_gateway_gone
from payments.texts import CLOSED_BY

KINDS: dict[type[Movement], Kind[Any]] = {kind.model: kind for kind in (CHARGES, REFUNDS, PAYOUTS, AUTHORIZATIONS)}


def close_by_hand(*, movement: Movement, happened: bool, ref: str, actor: str, proposal: str, at: datetime) -> None:
    """End a movement without an answer as two people agreed (`proposal`): it happened, with `ref` at the gateway, or it did not.

    It is booked like a gateway's answer. If they closed it as made and the gateway says that it was not, it is reversed. Conflict if there
    is an answer meanwhile, or if people may not close this movement.
    """
    with unit():
        kind, end = KINDS[type(movement)], end_by_hand(movement)
        if end is End.NONE or (end is End.REVERSAL and happened):
            raise Conflict("This has its answer, or waits for one as it should.", code="payments.movement_not_silent")
        failure = GATEWAY_GONE if is_gateway_gone(movement.gateway) else NEVER_MADE
        for request in kind.load([movement.pk]):
            outcome = done(request, ref) if happened else Outcome(Status.FAILED, ref, failure)
            if _book(kind, request, outcome, end, at) != 1:
                raise Conflict("There is an answer meanwhile.", code="payments.movement_answered")
        movement.refresh_from_db()
        _turn(movement, at).save(force_insert=True)
        close_breaks_about(subjects=[movement.public_id], note=f"{CLOSED_BY}{proposal}", actor=actor, at=at, kinds=end.breaks)


def _book(kind: Kind[Any], request: Any, outcome: Outcome, end: End, at: datetime) -> int:
    """Record the end of a movement, or reverse its earlier end; return how many movements changed."""
    if end is End.REVERSAL and kind.reverse is not None:
        return kind.reverse(requests=[request], outcome=outcome, at=at)
    return kind.record([(request, outcome)], at)


def _turn(movement: Movement, at: datetime) -> MovementEvent:
    return MovementEvent(
        movement_kind="hold" if isinstance(movement, Authorization) else type(movement).__name__.lower(),
        movement_id=movement.pk,
        kind=Turn.BY_HAND,
        reference=movement.reference,
        gateway=movement.gateway,
        amount_minor=movement.amount_minor,
        currency=movement.currency,
        gateway_ref=movement.gateway_ref,
        number=count_by_hand(movement.pk),
        at=at,
    )
