"""Reads of refunds, and of the transfers that pay failed ones."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from core.errors import NotFound
from core.unreadable import listing
from payments.gateways.base import RefundRequest
from payments.models import Charge, MovementEvent, Refund, Transfer, Turn
from payments.queries.disputes import lock_disputes
from payments.states import MOVEMENT_UNDONE, TRANSFER_PAYS, TransferStatus


def load_refunds(ids: Sequence[uuid.UUID]) -> list[RefundRequest]:
    """Return the requests of refunds as they were first sent."""
    found = Refund.objects.filter(id__in=ids).select_related("charge", "payment_method").order_by("id")
    return [request_of(refund) for refund in found]


def request_of(refund: Refund) -> RefundRequest:
    """Return the request of a refund; its charge is loaded."""
    return RefundRequest(
        id=refund.id,
        gateway=refund.gateway,
        charge_id=refund.charge_id,
        charge_ref=refund.charge.gateway_ref,
        reference=refund.reference,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        payment_method_id=refund.payment_method_id,
        token=refund.payment_method.token if refund.payment_method else "",
    )


PAID_OTHERWISE = (Turn.COVERED, Turn.TRANSFERRED)
"""Turns that mean that a failed refund was paid in another way, until that payment is returned too (`owed`)."""


def lock_refund(refund_id: uuid.UUID) -> Refund:
    """Return a refund with its charge, locked until the transaction ends; NotFound."""
    related = Refund.objects.select_related("charge__payment_method__consumer", "payment_method")
    found = related.select_for_update(of=("self",)).filter(id=refund_id).first()
    if found is None:
        raise NotFound("There is no such refund.")
    return found


def lock_last_refund(refund: Refund) -> Refund:
    """Return the newest refund in the chain of replacements that a locked refund begins, with its charge, locked."""
    again = Refund.objects.select_related("charge").select_for_update(of=("self",)).filter(replaces=refund).first()
    return lock_last_refund(again) if again is not None else refund


def list_refunds(reference: str) -> list[Refund]:
    """Return the refunds for a reference, newest first, with charge and method."""
    found = Refund.objects.filter(reference=reference).select_related("charge__payment_method", "payment_method")
    return list(found.order_by("-id"))


def unpaid_refunds() -> QuerySet[Refund]:
    """Select refunds that failed or came back and are still owed: not sent again, not paid otherwise, no transfer under way."""
    turned = MovementEvent.objects.filter(movement_id=OuterRef("pk"), movement_kind="refund", kind__in=[*PAID_OTHERWISE, Turn.OWED])
    newest = Coalesce(Subquery(turned.order_by("-id").values("kind")[:1]), Value(""))
    under_way = Transfer.objects.filter(refund=OuterRef("pk"), status__in=TRANSFER_PAYS)
    undone = Refund.objects.filter(status__in=MOVEMENT_UNDONE, replacement=None)
    return (
        undone.alias(newest=newest)
        .exclude(newest__in=PAID_OTHERWISE)
        .exclude(Exists(under_way))
        .select_related("charge__payment_method__consumer", "payment_method")
    )


def list_unpaid_refunds(reference: str) -> list[Refund]:
    """Return the failed refunds for a reference that are still owed, oldest first."""
    return list(unpaid_refunds().filter(reference=reference).order_by("id"))


def is_unpaid(refund_id: uuid.UUID) -> bool:
    """Return whether a refund failed and is still owed."""
    return unpaid_refunds().filter(id=refund_id).exists()


def refunds_with_transfer(refund_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of some refunds have a transfer that is not rejected; one query."""
    wanted = Transfer.objects.filter(refund_id__in=list(refund_ids)).exclude(status=TransferStatus.REJECTED)
    return set(wanted.values_list("refund_id", flat=True))


def count_refunds_elsewhere(references: Collection[str], *, since: datetime) -> int:
    """Return how many refunds for some references went to another method than the one that paid, or to a bank account; one query."""
    other = Q(payment_method__isnull=False) & ~Q(payment_method=F("charge__payment_method")) & ~Q(status__in=MOVEMENT_UNDONE)
    transferred = Exists(Transfer.objects.filter(refund=OuterRef("pk")).exclude(status=TransferStatus.REJECTED))
    return Refund.objects.filter(other | Q(transferred), reference__in=references, created_at__gt=since).count()


def find_transfer(refund_id: uuid.UUID) -> Transfer | None:
    """Return the transfer that pays or paid a refund, unless it was rejected; else None."""
    with listing():
        return Transfer.objects.filter(refund_id=refund_id).exclude(status=TransferStatus.REJECTED).first()


def lock_refund_of(transfer_id: uuid.UUID) -> Refund:
    """Return the refund that a transfer pays, locked: after the dispute lock of its charge and before the transfer; NotFound."""
    found = Transfer.objects.filter(id=transfer_id).values_list("refund_id", "refund__charge_id").first()
    if found is None:
        raise NotFound("There is no such transfer.")
    lock_disputes(found[1])
    return lock_refund(found[0])


def lock_unpaid_refunds(charge: Charge) -> list[Refund]:
    """Return the failed refunds of a charge that are still owed, locked, so that no other process sends or pays them meanwhile."""
    undone = Refund.objects.filter(charge=charge, status__in=MOVEMENT_UNDONE).order_by("id")
    ids = [refund.id for refund in undone.select_for_update()]
    # A second query: the first one took its snapshot before it waited for the locks, and may have missed changes.
    return list(unpaid_refunds().filter(id__in=ids).order_by("id"))


def lock_transfer(transfer_id: uuid.UUID) -> Transfer:
    """Return a transfer with its refund, locked until the transaction ends; NotFound."""
    found = Transfer.objects.select_related("refund__charge__payment_method").select_for_update(of=("self",)).filter(id=transfer_id).first()
    if found is None:
        raise NotFound("There is no such transfer.")
    return found
