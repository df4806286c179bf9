"""Events that gateways send: verified and stored once. Their contents are never trusted: the gateway is asked for the state."""

import uuid
from datetime import datetime
from typing import Any

from core.clock import wall
from core.errors import NotFound
from core.ids import parse_id
from payments.errors import GatewayUnavailable
from payments.gateways.base import AUTHENTICATION, UNKNOWN, Notice, Status
from payments.models import Charge, GatewayEvent, MethodKind, Movement
from payments.services.calls import guarded, refuse_inside_transaction
from payments.services.charges import CHARGES, confirm_charge
from payments.services.disputes import take_dispute
from payments.services.payouts import PAYOUTS
from payments.services.recording import Kind, record_safely, take_late_success, take_news
from payments.services.refunds import REFUNDS
from payments.services.setups import take_declined_setup
from payments.states import MOVEMENT_UNDONE, MOVEMENT_UNENDED, MovementStatus

_KINDS: dict[str, tuple[str, Kind[Any]]] = {"charge": ("chg", CHARGES), "refund": ("rfd", REFUNDS), "payout": ("pay", PAYOUTS)}


def receive_event(*, gateway: str, notice: Notice, at: datetime) -> bool:
    """Act on a verified event of a gateway: look up the movement that it names. Return False for an event that was received before.

    The event is stored after the action, so that a crash in between repeats the action when the gateway sends the event again.
    """
    refuse_inside_transaction()
    if GatewayEvent.objects.filter(gateway=gateway, event_id=notice.event_id).exists():
        return False
    if notice.about == "dispute":
        take_dispute(gateway=gateway, ref=notice.reference, at=at)
    if notice.about == "setup" and not notice.good:
        take_declined_setup(gateway=gateway, notice=notice, at=at)
    if notice.about in _KINDS:
        prefix, kind = _KINDS[notice.about]
        _settle_named(prefix, kind, notice, at)
    noted = GatewayEvent(gateway=gateway, event_id=notice.event_id, kind=notice.kind[:60], reference=notice.reference[:120], received_at=at)
    GatewayEvent.objects.bulk_create([noted], ignore_conflicts=True)
    return True


def _settle_named(prefix: str, kind: Kind[Any], notice: Notice, at: datetime) -> None:
    try:
        key = parse_id(prefix, notice.key)
    except NotFound:
        return
    named = kind.model.objects.filter(id=key)  # type: ignore[attr-defined]
    row = (named.select_related("payment_method") if kind is CHARGES else named).first()
    if row is None:
        return
    if isinstance(row, Charge) and row.status == MovementStatus.FAILED and row.failure == AUTHENTICATION and notice.good:
        _confirm(row.id, at)
    elif row.status in MOVEMENT_UNENDED and not _is_at_it(row):
        _look_up(kind, row, at)
    elif row.status == MovementStatus.SUCCEEDED and not notice.good:
        _look_again(kind, row.id, at)
    elif row.status in MOVEMENT_UNDONE and notice.good:
        _look_again(kind, row.id, at, was_done=False)


def _is_at_it(row: Movement) -> bool:
    """Return whether a process is calling the gateway for this movement; usually that very call caused the event.

    Always False for a bank debit: its call says that it has begun, and the event may be its end.
    """
    if isinstance(row, Charge) and row.payment_method.kind == MethodKind.BANK_DEBIT:
        return False
    return row.status == MovementStatus.PENDING and row.claimed_until is not None and row.claimed_until > wall()


def _look_up(kind: Kind[Any], row: Movement, at: datetime) -> None:
    """Look up a movement that has not ended.

    GatewayUnavailable if there is no answer about one under way, so that the gateway sends the event again: the next look-up is hours away.
    """
    for request in kind.load([row.pk]):
        outcome = guarded(lambda asked: kind.find(asked) or UNKNOWN, request)
        if outcome.status != Status.UNKNOWN:
            record_safely(kind, [(request, outcome)], at)
        elif row.status == MovementStatus.UNDER_WAY:
            raise GatewayUnavailable("The gateway does not answer.")


def _look_again(kind: Kind[Any], pk: uuid.UUID, at: datetime, *, was_done: bool = True) -> None:
    """Look up a settled movement again; GatewayUnavailable if there is no answer, so that the gateway sends the event again."""
    for request in kind.load([pk]):
        outcome = kind.find(request)
        if outcome == UNKNOWN:
            raise GatewayUnavailable("The gateway does not answer.")
        if outcome is not None and was_done:
            take_news(kind, request, outcome, at)
        elif outcome is not None:
            take_late_success(kind, request, outcome, at)


def _confirm(pk: uuid.UUID, at: datetime) -> None:
    for request in CHARGES.load([pk]):
        outcome = CHARGES.find(request)
        if outcome is not None:
            confirm_charge(request=request, outcome=outcome, at=at)


def refresh_charge(*, charge_id: uuid.UUID, at: datetime) -> Charge:
    """Look up a charge that the person had to confirm, and return it; called when they return from the confirmation page."""
    charge = Charge.objects.get(id=charge_id)
    if charge.status == MovementStatus.FAILED and charge.failure == AUTHENTICATION:
        _confirm(charge.id, at)
        charge.refresh_from_db()
    return charge
