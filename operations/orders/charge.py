"""A charge as operators read it: what it was for, its tries, what its gateway said, and its disputes."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.models import Order
from core.errors import NotFound
from core.ids import parse_id
from core.readable import words
from operations.closing import closing_of
from operations.wording import names_of, status_of
from payments.models import Charge, Dispute, GatewayEvent, Refund
from payments.queries import list_charges, list_turns
from payments.texts import bank_heading, failure_text, method_name
from plans.models import Allocation, Plan

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
"""What gateways tell of charges, refunds, payouts and disputes, by their own names."""


def facts_of(charge: Charge) -> dict[str, Any]:
    """Return all parts of a charge's page, as plain values, in a constant number of queries."""
    method, consumer = charge.payment_method, charge.payment_method.consumer
    order = Order.objects.select_related("merchant").filter(plan__id__in=_plan_ids(charge)).first()
    events = GatewayEvent.objects.filter(gateway=charge.gateway, reference__in=[charge.public_id, charge.gateway_ref or "-"])
    refunds = Refund.objects.filter(charge=charge).order_by("-id")[:MOST]
    return {
        "charge": charge,
        "closing": closing_of(charge),
        "status": status_of(charge.status),
        "method": method_name(method.kind, method.shown),
        "consumer": consumer,
        "person": consumer.name or consumer.public_id,
        "order": order,
        "merchant": order.merchant if order else None,
        "by": names_of({charge.actor})[charge.actor] if charge.actor else _("By itself, on its due date"),
        "why": failure_text(charge.failure, method.kind) if charge.failure else "",
        "paid": list(Allocation.objects.filter(charge_id=charge.pk).select_related("installment").order_by("installment__number")),
        "turns": [{"what": turn.get_kind_display(), "minor": turn.amount_minor, "at": turn.at} for turn in list_turns(charge)],
        "disputes": [_dispute(row) for row in Dispute.objects.filter(charge=charge).order_by("-id")],
        "refunds": [{"id": row.pk, "minor": row.amount_minor, "at": row.created_at, "status": status_of(row.status)} for row in refunds],
        "events": [
            {"kind": EVENTS.get(row.kind) or words(row.kind.replace(".", " ")), "at": row.received_at}
            for row in events.order_by("-id")[:MOST]
        ],
        "others": [
            {"id": row.pk, "minor": row.amount_minor, "at": row.created_at, "status": status_of(row.status)}
            for row in list_charges(charge.reference)[:MOST]
            if row.pk != charge.pk
        ],
    }


def _plan_ids(charge: Charge) -> list[Any]:
    try:
        return [parse_id(Plan.PREFIX, charge.reference)]
    except NotFound:
        return []


def _dispute(row: Dispute) -> dict[str, Any]:
    return {
        "id": row.pk,
        "minor": row.amount_minor,
        "reason": bank_heading(row.reason),
        "status": status_of(row.status),
        "at": row.opened_at,
        "closed_at": row.closed_at,
    }
