"""Reads of charges, payouts, turns and breaks."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from core.errors import NotFound
from core.ids import parse_id
from payments.gateways.base import ChargeRequest, PayoutRequest
from payments.models import Authorization, Break, Charge, Movement, MovementEvent, Payout, Refund, Turn
from payments.speaking import speaker_of
from payments.states import MOVEMENT_UNDONE, BreakStatus, MovementStatus


def list_charges(reference: str) -> list[Charge]:
    """Return the charges for a reference, newest first, with their methods."""
    return list(Charge.objects.filter(reference=reference).select_related("payment_method").order_by("-id"))


_BRAND = F("payment_method__consumer__brand_id")


def load_charges(ids: Sequence[uuid.UUID]) -> list[ChargeRequest]:
    """Return the requests of charges as they were first sent."""
    found = Charge.objects.filter(id__in=ids).select_related("payment_method", "authorization").annotate(brand=_BRAND).order_by("id")
    return [
        ChargeRequest(
            id=charge.id,
            gateway=charge.gateway,
            token=charge.payment_method.token,
            payment_method_id=charge.payment_method_id,
            reference=charge.reference,
            amount_minor=charge.amount_minor,
            currency=charge.currency,
            authorization_id=charge.authorization_id,
            authorization_ref=charge.authorization.gateway_ref if charge.authorization else "",
            actor=charge.actor,
            kind=charge.payment_method.kind,
            speaker=speaker_of(charge.brand),
        )
        for charge in found
    ]


def load_payouts(ids: Sequence[uuid.UUID]) -> list[PayoutRequest]:
    """Return the requests of payouts as they were first sent."""
    return [
        PayoutRequest(
            id=payout.id,
            gateway=payout.gateway,
            destination=payout.destination,
            reference=payout.reference,
            owner=payout.owner,
            amount_minor=payout.amount_minor,
            currency=payout.currency,
        )
        for payout in Payout.objects.filter(id__in=ids).order_by("id")
    ]


def lock_payout(payout_id: uuid.UUID) -> Payout:
    """Return an existing payout, locked until the transaction ends."""
    return Payout.objects.select_for_update().get(id=payout_id)


def lock_charge(charge_id: uuid.UUID) -> Charge:
    """Return an existing charge, locked until the transaction ends."""
    return Charge.objects.select_for_update().get(id=charge_id)


_MOVEMENTS: dict[str, Any] = {model.PREFIX: model for model in (Authorization, Charge, Refund, Payout)}


def find_movement(public_id: str) -> Movement | None:
    """Return the movement of any kind with a public id; None if there is none."""
    model = _MOVEMENTS.get(public_id.partition("_")[0])
    try:
        return model.objects.filter(pk=parse_id(model.PREFIX, public_id)).first() if model is not None else None
    except NotFound:
        return None


def list_turns(movement: Movement) -> list[MovementEvent]:
    """Return the turns of a charge, refund or payout, oldest first."""
    return list(MovementEvent.objects.filter(movement_id=movement.id).order_by("id"))


def lock_break(break_id: uuid.UUID) -> Break:
    """Return a break, locked until the transaction ends; NotFound."""
    found = Break.objects.select_for_update().filter(id=break_id).first()
    if found is None:
        raise NotFound("There is no such break.")
    return found


def list_bounced_payouts(owners: Collection[str]) -> list[Payout]:
    """Return the payouts to some merchants that were returned and that no later payout has replaced yet, oldest first; one query."""
    turned = MovementEvent.objects.filter(movement_id=OuterRef("pk"), movement_kind="payout")
    bounced = turned.filter(kind=Turn.BOUNCED).order_by("-number").values("number")[:1]
    undone = Payout.objects.filter(owner__in=list(owners), status__in=MOVEMENT_UNDONE).alias(bounced=Coalesce(Subquery(bounced), 0))
    return list(undone.exclude(Exists(turned.filter(kind=Turn.RESENT, number__gte=OuterRef("bounced")))).order_by("id"))


def takes_payouts(owner: str, destination: str) -> bool:
    """Return whether a merchant can be paid to an account: no payout to it was returned with a break that is still open.

    One query for a merchant without returned payouts, otherwise two; open breaks of others do not matter.
    """
    bounced = [payout.public_id for payout in list_bounced_payouts([owner]) if payout.destination == destination]
    return not bounced or not Break.objects.filter(kind="payout_failed", subject__in=bounced, status=BreakStatus.OPEN).exists()


def find_waiting_action(reference: str) -> Charge | None:
    """Return the newest charge for a reference if the person still has to confirm it at `action_url`; else None."""
    newest = Charge.objects.filter(reference=reference).order_by("-id").first()
    return newest if newest is not None and newest.status == MovementStatus.FAILED and newest.action_url else None


def refused_kinds(reference: str) -> dict[str, str]:
    """Return, for each failure code of charges for a reference, the kind of payment method that last failed with it."""
    failed = Charge.objects.filter(reference=reference, status=MovementStatus.FAILED).order_by("id")
    return dict(failed.values_list("failure", "payment_method__kind"))
