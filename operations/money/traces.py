"""What a movement of money left behind: its turns, the tasks about it, what its gateway told, and its entries in the ledger."""

from collections.abc import Iterable
from typing import Any

from checkout.models import Order
from core.errors import NotFound
from core.ids import parse_id
from core.readable import words
from ledger.statements import list_entries_of
from ledger.texts import entry_word
from operations.orders.charge import EVENTS
from operations.wording import status_of
from payments.models import Break, GatewayEvent, MovementEvent
from payments.states import BreakStatus
from plans.models import Plan

MOST = 50
_KINDS = [kind for kind, _name in Break.KINDS]


def order_of(reference: str) -> Order | None:
    """Return the order whose plan a movement is for, with its shop and person; None for another reference."""
    try:
        key = parse_id(Plan.PREFIX, reference)
    except NotFound:
        return None
    return Order.objects.select_related("merchant", "consumer").filter(plan_id=key).first()


def turns_told(turns: Iterable[MovementEvent]) -> list[dict[str, Any]]:
    """Return turns in words, with amounts in minor units."""
    return [{"what": turn.get_kind_display(), "minor": turn.amount_minor, "currency": turn.currency, "at": turn.at} for turn in turns]


def breaks_about(subject: str) -> list[dict[str, Any]]:
    """Return the tasks about a movement or dispute, by its public id, the newest first."""
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
    """Return what a gateway told of something, by our id of it or its own, the newest first."""
    found = GatewayEvent.objects.filter(gateway=gateway, reference__in=[one for one in references if one]).order_by("-id")[:MOST]
    return [{"what": EVENTS.get(row.kind) or words(row.kind.replace(".", " ")), "at": row.received_at} for row in found]
