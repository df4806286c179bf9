"""Reads of movements whose gateway has not answered for long, of those that two people ended, and of what followed."""

import uuid
from collections.abc import Collection
from enum import Enum
from typing import Any

from django.db.models import QuerySet

from core import providers
from core.adjusting import value_of
from core.errors import NotFound
from core.ids import parse_id
from core.states import words
from payments.models import Authorization, Break, Charge, Dispute, Movement, MovementEvent, Payout, Refund, Turn
from payments.settable import UNANSWERED
from payments.states import MOVEMENT_OPEN, MOVEMENT_UNENDED, BreakStatus, DisputeStatus, MovementStatus

_LONG_WITHOUT = f"""EXISTS (
    SELECT 1 FROM {{table}} WHERE status IN ({words(MOVEMENT_OPEN)})
        AND created_at <= %(at)s::timestamptz - interval '{{hours}} hours')"""  # noqa: S608
_TABLES = ("payments_charge", "payments_refund", "payments_payout", "payments_authorization")
_TOLD = f"EXISTS (SELECT 1 FROM payments_break WHERE kind = 'unanswered' AND status = '{BreakStatus.OPEN}')"  # noqa: S608


def movements_silent() -> str:
    """Return the SQL condition that a movement has had no answer for too long, or that a break about such a movement is open."""
    hours = value_of(UNANSWERED)
    return " OR ".join([_TOLD, *(_LONG_WITHOUT.format(table=table, hours=hours) for table in _TABLES)])


def still_waiting(public_ids: Collection[str]) -> set[str]:
    """Return those of these charges, refunds, payouts and holds that have no answer; one statement for each kind."""
    found: set[str] = set()
    models: tuple[Any, ...] = (Charge, Refund, Payout, Authorization)
    for model in models:
        keys = [parse_id(model.PREFIX, one) for one in public_ids if one.startswith(f"{model.PREFIX}_")]
        if keys:
            found |= {row.public_id for row in model.objects.filter(id__in=keys, status__in=MOVEMENT_OPEN).only("id")}
    return found


def undisputed(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    """Return those of some refunds whose charge has no open dispute."""
    return refunds.exclude(charge__disputes__status=DisputeStatus.OPEN)


CONFIRMED = (Turn.MADE, Turn.TWICE)
"""Turns that mean: a gateway reports as made what two people had closed as not made."""


def count_by_hand(movement_id: uuid.UUID) -> int:
    """Return how often two people recorded the result of a movement without an answer of its gateway."""
    return MovementEvent.objects.filter(movement_id=movement_id, kind=Turn.BY_HAND).count()


def list_by_hand(movement_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some movements that two people ended and their gateway has not confirmed since; one query."""
    told = MovementEvent.objects.filter(movement_id__in=list(movement_ids), kind__in=[Turn.BY_HAND, *CONFIRMED])
    kinds = list(told.values_list("movement_id", "kind"))
    return {key for key, _ in kinds} - {key for key, kind in kinds if kind != Turn.BY_HAND}


def find_paid_twice(refund: Refund) -> Refund | None:
    """Return the refund, or the one that it replaces, that its gateway made in addition to another payment; None if one was returned."""
    kinds = set(MovementEvent.objects.filter(movement_id=refund.pk, movement_kind="refund").values_list("kind", flat=True))
    if Turn.TWICE in kinds and not kinds & {Turn.MADE, Turn.RETURNED}:
        return refund
    return find_paid_twice(refund.replaces) if refund.replaces is not None else None


class End(Enum):
    """What two people may do about a movement: nothing, end it, or reverse their earlier end if its gateway denies it."""

    NONE = "none"
    FIRST = "first"
    REVERSAL = "reversal"

    @property
    def breaks(self) -> tuple[str, ...]:
        """The kinds of breaks that this end closes."""
        return {End.NONE: (), End.FIRST: ("unanswered", "pull_late"), End.REVERSAL: ("contradicted",)}[self]


def is_gateway_gone(gateway: str) -> bool:
    """Return whether an account is no longer used, or does not exist."""
    providers.refresh()
    try:
        return not providers.get_account(gateway).active
    except NotFound:
        return True


def end_by_hand(movement: Movement) -> End:
    """Return what two people may do about a charge, refund, payout or hold.

    They may end one that is on the work list because its gateway has not answered, or whose gateway is no longer used; never a refund that
    waits for a bank's decision. A hold is never reversed: whether or not the gateway has it, it lapses after seven days.
    """
    listed = set(Break.objects.filter(subject=movement.public_id, status=BreakStatus.OPEN).values_list("kind", flat=True))
    if movement.status == MovementStatus.SUCCEEDED and listed & set(End.REVERSAL.breaks) and list_by_hand([movement.pk]):
        return End.NONE if isinstance(movement, Authorization) else End.REVERSAL
    if movement.status not in MOVEMENT_UNENDED or not (listed & set(End.FIRST.breaks) or is_gateway_gone(movement.gateway)):
        return End.NONE
    if isinstance(movement, Refund) and Dispute.objects.filter(charge_id=movement.charge_id, status=DisputeStatus.OPEN).exists():
        return End.NONE
    return End.FIRST
