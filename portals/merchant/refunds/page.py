"""Refunds in the form that the templates need: a row of the list, and the schedules before and after a refund."""

import hashlib
import json
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from checkout.models import Refund
from checkout.services import PreviewRow, RefundPreview
from plans.states import InstallmentStatus
from portals.merchant.wording import order_number, short_name


def seal_of(preview: RefundPreview) -> str:
    """Return a hash of the schedules that a person saw."""
    return hashlib.sha256(json.dumps([preview.before, preview.after], sort_keys=True).encode()).hexdigest()[:32]


def schedule_rows(preview: RefundPreview) -> list[dict[str, Any]]:
    """Return the installments before and after the refund, side by side."""
    return [_schedule_row(row) for row in preview.rows()]


def _schedule_row(row: PreviewRow) -> dict[str, Any]:
    pill, tone = INSTALLMENT_PILLS[row.status]
    return {
        "number": row.number,
        "due": row.due_date,
        "before": row.before_minor,
        "after": row.after_minor,
        "paid": row.paid_minor,
        "changed": row.is_changed,
        "pill": pill,
        "tone": tone,
    }


def refund_row(refund: Refund) -> dict[str, Any]:
    """Return a refund as a row of a table."""
    order = refund.order
    return {
        "number": order_number(order.merchant_reference, order.public_id),
        "href": f"{reverse('merchant_order', args=[order.public_id])}#{refund.public_id}",
        "customer": short_name(order.consumer),
        "reason": refund.reason,
        "at": refund.at,
        "minor": refund.amount_minor,
        "currency": order.currency,
    }


INSTALLMENT_PILLS = {
    InstallmentStatus.SCHEDULED: (_("Planned"), "mute"),
    InstallmentStatus.PARTIALLY_PAID: (_("Partly paid"), "info"),
    InstallmentStatus.PAID: (_("Paid"), "good"),
    InstallmentStatus.OVERDUE: (_("Late"), "bad"),
    InstallmentStatus.CANCELED: (_("Canceled"), "mute"),
}
