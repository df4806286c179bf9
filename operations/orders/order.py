"""Content of an order's page: lines, money so far, captures, refunds, its review, changes, and the webhooks about it."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from checkout.models import Capture, Order
from checkout.papers import links_to_papers
from checkout.queries import captures_of, changes_of, refunds_of
from checkout.states import ORDER_UNCAPTURED, OrderStatus
from checkout.subsidies.queries import postponements_of
from checkout.texts import cause_text
from controls.telling import KeptWords, tell_kept
from core.unreadable import Unreadable
from operations.wording import names_of, status_of
from plans.texts import product_name
from webhooks.queries import list_deliveries_about
from webhooks.texts import event_word

KINDS = {
    "approved": lambda: _("Approved"),
    "rejected": lambda: _("Rejected"),
    "voided": lambda: _("Voided"),
    "released": lambda: _("Rest released"),
    "expired": lambda: _("Expired"),
    "extended": lambda: _("Extended"),
}
RELATED = ("merchant", "consumer", "plan__product", "decision", "checkout", "review")


def facts_of(order: Order) -> dict[str, Any]:
    """Return all parts of an order's page, as plain values, in a constant number of queries."""
    captures, refunds, changes = captures_of(order), refunds_of(order), changes_of(order)
    made: list[Any] = [*captures, *refunds, *changes]
    names = names_of({row.actor for row in made})
    items = order.checkout.items
    parts = [order.plan.public_id, order.checkout.public_id, *(row.public_id for row in (*captures, *refunds))]
    review, rules = getattr(order, "review", None), _fee_rules(captures)
    return {
        "order": order,
        "merchant": order.merchant,
        "consumer": order.consumer,
        "person": order.consumer.name or order.consumer.public_id,
        "plan_name": product_name(order.plan.product),
        "status": status_of(order.status),
        "decision": order.decision,
        "outcome": status_of(order.decision.outcome),
        "items": items,
        "unreadable": str(items) if isinstance(items, Unreadable) else "",
        "captures": [{"row": row, "by": names[row.actor], "rules": rules[row.pk]} for row in captures],
        "refunds": [{"row": row, "by": names[row.actor], "why": str(row.reason)} for row in refunds],
        "changes": [{"row": row, "by": names[row.actor], "what": KINDS[row.kind]()} for row in changes],
        "review": review,
        "held_for": cause_text(review.cause) if review else "",
        "review_status": status_of(review.status) if review else None,
        "papers": links_to_papers(order),
        "deliveries": [_delivery(row) for row in list_deliveries_about(order, parts)],
        "fee_minor": order.fee_minor - order.fee_refunded_minor,
        "shop_interest_minor": sum(one.shop_interest_minor for one in captures) - sum(one.shop_interest_minor for one in refunds),
        "postponed": postponements_of(order),
        "net_minor": order.captured_minor - order.refunded_minor,
        "can_refund": order.refundable_minor > 0,
        "can_void": order.status in ORDER_UNCAPTURED,
        "can_release": order.status == OrderStatus.PARTIALLY_CAPTURED,
    }


def _fee_rules(captures: Sequence[Capture]) -> dict[uuid.UUID, list[KeptWords]]:
    """Return the rules that lowered each capture's fee, in words; one query per rule."""
    told: dict[str, KeptWords] = {}
    found: dict[uuid.UUID, list[KeptWords]] = {}
    for row in captures:
        kept = {str(one): one for one in row.fee_ruled.get("rules", ())}
        told |= {key: tell_kept(one) for key, one in kept.items() if key not in told}
        found[row.pk] = [told[key] for key in kept]
    return found


def _delivery(row: Any) -> dict[str, Any]:
    return {
        "what": event_word(row.event.type),
        "url": row.endpoint.url,
        "status": status_of(row.status),
        "tries": row.made,
        "at": row.created_at,
    }
