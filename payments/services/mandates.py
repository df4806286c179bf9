"""Mandates of bank accounts that people removed: ended at the gateway too, so that it cannot debit them any more."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from core.clock import wall
from core.db import unit
from payments import gateways
from payments.errors import GatewayUnavailable
from payments.gateways.base import UNKNOWN, Outcome, Pulls, Status
from payments.models import Charge, PaymentMethod
from payments.models.methods import MANDATE_STANDS
from payments.services.calls import LEASE_S, in_flight
from payments.states import MOVEMENT_UNENDED

CHUNK = 100


class _End:
    """A request to end a mandate."""

    def __init__(self, row: PaymentMethod) -> None:
        self.id, self.key, self.gateway, self.token = row.id, row.public_id, row.gateway, row.token


def end_mandates(*, at: datetime) -> int:
    """End the mandates of bank accounts that were removed; a timer. Return how many ended.

    A mandate with a debit under way waits for the debit's end. A request without an answer keeps its claim, and is repeated when that ends.
    """
    ended = 0
    while claimed := _claim():
        for answers in in_flight([_End(row) for row in claimed], _ask):
            done = [request.id for request, outcome in answers if outcome.status == Status.SUCCEEDED]
            ended += PaymentMethod.objects.filter(id__in=done, ended_at=None).update(ended_at=at, claimed_until=None)
    return ended


def _claim() -> list[PaymentMethod]:
    under_way = Charge.objects.filter(payment_method=OuterRef("pk"), status__in=MOVEMENT_UNENDED)
    free = Q(claimed_until=None) | Q(claimed_until__lte=wall())
    standing = PaymentMethod.objects.filter(MANDATE_STANDS, free, ~Exists(under_way))
    with unit():
        claimed = list(standing.order_by("removed_at").select_for_update(skip_locked=True, of=("self",))[:CHUNK])
        PaymentMethod.objects.filter(id__in=[row.id for row in claimed]).update(claimed_until=wall() + timedelta(seconds=LEASE_S))
    return claimed


def _ask(request: _End) -> Outcome:
    """Request the end of a mandate; a missing answer is unknown."""
    try:
        gateways.connect(request.gateway, Pulls).remove_account(request.token)
    except GatewayUnavailable:
        return UNKNOWN
    return Outcome(Status.SUCCEEDED, request.token)
