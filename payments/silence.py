"""Reads of movements whose gateway has not answered for long."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from core.ids import parse_id
from core.states import words
from payments.models import Charge, Payout, Refund
from payments.states import MOVEMENT_OPEN, BreakStatus, DisputeStatus

_LONG_WITHOUT = f"""EXISTS (
    SELECT 1 FROM {{table}} WHERE status IN ({words(MOVEMENT_OPEN)})
        AND created_at <= %(at)s::timestamptz - interval '{settings.UNANSWERED_HOURS} hours')"""  # noqa: S608
MOVEMENTS_SILENT = " OR ".join(
    [
        f"EXISTS (SELECT 1 FROM payments_break WHERE kind = 'unanswered' AND status = '{BreakStatus.OPEN}')",  # noqa: S608
        *(_LONG_WITHOUT.format(table=table) for table in ("payments_charge", "payments_refund", "payments_payout")),
    ]
)
"""Whether a movement has no answer for long, or a break says so of one."""


def still_waiting(public_ids: Collection[str]) -> set[str]:
    """Return those of these charges, refunds and payouts that have no answer; a statement for each kind."""
    found: set[str] = set()
    models: tuple[Any, ...] = (Charge, Refund, Payout)
    for model in models:
        keys = [parse_id(model.PREFIX, one) for one in public_ids if one.startswith(f"{model.PREFIX}_")]
        if keys:
            found |= {row.public_id for row in model.objects.filter(id__in=keys, status__in=MOVEMENT_OPEN).only("id")}
    return found


def undisputed(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    """Return those of some refunds whose charge the bank is not asked to take back."""
    return refunds.exclude(charge__disputes__status=DisputeStatus.OPEN)
