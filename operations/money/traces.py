"""Records about a movement: its turns, tasks, gateway events, and ledger entries."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy

from checkout.models import Order
from core.errors import NotFound
from core.ids import parse_id
from core.readable import words
from ledger.statements import list_entries_of
from ledger.texts import entry_word
from operations.wording import status_of
from payments.failures import BY_HAND
from payments.models import Break, GatewayEvent, MovementEvent, Payout, Refund
from payments.states import MOVEMENT_UNDONE, BreakStatus
from payments.texts import bank_word
from plans.models import Plan

MOST = 50
_SUCCEEDED, _FAILED = gettext_lazy("Charge succeeded"), gettext_lazy("Charge failed")
_REFUNDED, _REFUND_FAILED = gettext_lazy("Refund succeeded"), gettext_lazy("Refund failed")
_OPENED, _CLOSED = gettext_lazy("Dispute opened"), gettext_lazy("Dispute closed")
EVENTS = {
    "charge.succeeded": _SUCCEEDED,
    "charge.failed": _FAILED,
    "refund.succeeded": _REFUNDED,
    "refund.failed": _REFUND_FAILED,
    "dispute.created": _OPENED,
    "dispute.closed": _CLOSED,
    "payment_intent.succeeded": _SUCCEEDED,
    "payment_intent.payment_failed": _FAILED,
    "refund.updated": gettext_lazy("Refund changed"),
    "charge.dispute.created": _OPENED,
    "charge.dispute.updated": gettext_lazy("Dispute changed"),
    "charge.dispute.funds_withdrawn": gettext_lazy("Money taken back in a dispute"),
    "charge.dispute.funds_reinstated": gettext_lazy("Money given back in a dispute"),
    "charge.dispute.closed": _CLOSED,
    "payout.paid": gettext_lazy("Payout paid"),
    "payout.failed": gettext_lazy("Payout failed"),
    "payout.canceled": gettext_lazy("Payout canceled"),
    "payout.updated": gettext_lazy("Payout changed"),
    "charge.refunded": _REFUNDED,
    "charge.refund.updated": gettext_lazy("Refund changed"),
}
"""Texts for the gateways' own names of events about charges, refunds, payouts and disputes."""
_KINDS = [kind for kind, _name in Break.KINDS]


def order_of(reference: str) -> Order | None:
    """Return the order whose plan a movement is for, with its shop and person; None for another reference."""
    try:
        key = parse_id(Plan.PREFIX, reference)
    except NotFound:
        return None
    return Order.objects.select_related("merchant", "consumer").filter(plan_id=key).first()


def why_undone(movement: Refund | Payout) -> str:
    """Return in the bank's words why a refund or payout did not arrive; empty if it did, or if operators closed it by hand."""
    told = movement.status in MOVEMENT_UNDONE and movement.failure not in BY_HAND
    return bank_word(movement.failure) if told else ""


def turns_told(turns: Iterable[MovementEvent]) -> list[dict[str, Any]]:
    """Return texts about turns, with amounts in minor units."""
    return [{"what": turn.get_kind_display(), "minor": turn.amount_minor, "currency": turn.currency, "at": turn.at} for turn in turns]


def breaks_about(subject: str) -> list[dict[str, Any]]:
    """Return the tasks about a movement or dispute, by its public id, newest first."""
    found = Break.objects.filter(kind__in=_KINDS, subject=subject).order_by("-id")[:MOST]
    return [
        {"id": row.pk, "what": row.get_kind_display(), "at": row.opened_at, "status": _status(row), "closed_at": row.closed_at}
        for row in found
    ]


def _status(row: Break) -> dict[str, str]:
    return status_of(row.status) | {"mark": "desk-waiting" if row.status == BreakStatus.OPEN else "desk-approved"}


def entries_about(*sources: str) -> list[dict[str, Any]]:
    """Return the ledger entries that movements and their turns caused, by public ids, oldest first."""
    found = list_entries_of([one for one in sources if one])
    return [{"id": row.id, "what": entry_word(row.kind), "at": row.at} for row in found]


def events_about(gateway: str, *references: str) -> list[dict[str, Any]]:
    """Return a gateway's events about an object, by our id or the gateway's id, newest first."""
    found = GatewayEvent.objects.filter(gateway=gateway, reference__in=[one for one in references if one]).order_by("-id")[:MOST]
    return [{"what": EVENTS.get(row.kind) or words(row.kind.replace(".", " ")), "at": row.received_at} for row in found]
