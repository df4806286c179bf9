"""Purchases in the form that the components need."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.formats import day_text, money_text
from plans.models import Installment
from plans.queries import places_of
from plans.states import InstallmentStatus, PlanStatus
from plans.texts import product_name
from portals.consumer.purchases.queries import Purchase
from portals.consumer.purchases.wording import late_count, standing_of

SHORT = 20


def purchase_row(purchase: Purchase, today: date, locale: str) -> dict[str, Any]:
    """Return a purchase as a list row: its state, how much of it is paid, and the amount left of the total."""
    order, standing = purchase.order, standing_of(purchase, today, locale)
    shown = [row for row in purchase.rows if row.status != InstallmentStatus.CANCELED]
    whole = sum(row.amount_minor for row in shown)
    paid = sum(1 for row in shown if row.status == InstallmentStatus.PAID)
    left = purchase.left_minor
    row: dict[str, Any] = {
        "name": order.merchant.name,
        "href": reverse("purchase", args=[order.public_id]),
        "note": " · ".join(filter(None, [what_of(purchase), _kept(standing.note)])),
        "pill": standing.pill,
        "tone": standing.tone,
        "done": paid,
        "of": len(shown),
        "late": late_count(purchase, today),
        "minor": left or whole,
        "currency": order.currency,
        "under": _("left of %(whole)s") % {"whole": money_text(whole, order.currency, locale)} if left else _("paid"),
    }
    if not shown:
        canceled = order.plan.status == PlanStatus.CANCELED or bool(purchase.rows)
        row |= {"minor": order.amount_minor, "under": "" if canceled else product_name(order.plan.product)}
    return row


def _kept(note: str) -> str:
    """Keep a short note on one line."""
    return note.replace(" ", "\N{NO-BREAK SPACE}") if len(note) <= SHORT else note


def what_of(purchase: Purchase) -> str:
    """Say what was bought: "Linen throw", "Linen throw and 2 more"."""
    if not purchase.more_items:
        return purchase.item
    return _("%(item)s and %(count)s more") % {"item": purchase.item, "count": purchase.more_items}


def which_of(row: Installment, rows: Sequence[Installment]) -> str:
    """Say which payment of how many, counted by date: "2 of 4"; a single payment is the full amount."""
    if len(rows) == 1:
        return _("full amount")
    return _("%(number)s of %(count)s") % {"number": places_of(rows)[row.number], "count": len(rows)}


def shipment_of(row: Installment, rows: Sequence[Installment], locale: str) -> str:
    """Say which shipment a payment is for, and when it was sent: "For shipment 2, sent Nov 29"; empty if there is only one shipment."""
    if len({other.part for other in rows}) == 1:
        return ""
    return _("For shipment %(part)s, sent %(day)s") % {"part": row.part, "day": day_text(row.start_date, locale, "short")}
