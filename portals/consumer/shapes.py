"""Purchases and payments in the form that the components take."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from collection.queries import cards_to_charge
from credit.models import CreditLine, LimitChange
from credit.queries import Spending
from payments.models import PaymentMethod
from plans.models import Installment
from plans.queries import places_of
from plans.states import InstallmentStatus, PlanStatus
from plans.texts import product_name
from portals.cards import title_or_none
from portals.consumer.frame import Visitor
from portals.consumer.queries import Purchase
from portals.consumer.wording import late_count, standing_of
from portals.formats import day_text, money_text

RECENT_DAYS = 60
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


def upcoming(purchases: Iterable[Purchase]) -> list[tuple[Purchase, Installment]]:
    """Return every installment that is still to be paid, the earliest first, without those of plans that are stopped or given up."""
    found = [(purchase, row) for purchase in purchases if not (purchase.is_stopped or purchase.is_given_up) for row in purchase.to_charge]
    return sorted(found, key=lambda pair: (pair[1].due_date, pair[0].order.id, pair[1].number))


def upcoming_rows(to_come: Sequence[tuple[Purchase, Installment]], today: date) -> list[dict[str, Any]]:
    """Return installments to come as rows of a list, each with the card that it will be charged to."""
    cards = cards_to_charge([(purchase.order.plan, row) for purchase, row in to_come])
    return [_upcoming_row(purchase, row, card, today) for (purchase, row), card in zip(to_come, cards, strict=True)]


def _upcoming_row(purchase: Purchase, row: Installment, card: PaymentMethod | None, today: date) -> dict[str, Any]:
    return {
        "due": row.due_date,
        "minor": purchase.asked_minor(row),
        "currency": purchase.order.currency,
        "late": row.is_late(today),
        "shop": purchase.order.merchant.name,
        "which": which_of(row, purchase.rows),
        "pay_path": reverse("purchase_pay", args=[purchase.order.public_id]),
        "href": reverse("purchase", args=[purchase.order.public_id]),
        "under_way": row.charge_id is not None,
        "card": title_or_none(card),
        "has_card": card is not None,
        "failed": bool(row.last_failure),
    }


def which_of(row: Installment, rows: Sequence[Installment]) -> str:
    """Say which payment of how many, counted by date: "2 of 4"; a single one is the full amount."""
    if len(rows) == 1:
        return _("full amount")
    return _("%(number)s of %(count)s") % {"number": places_of(rows)[row.number], "count": len(rows)}


def shipment_of(row: Installment, rows: Sequence[Installment], locale: str) -> str:
    """Say which shipment a payment is for, and when that was sent: "For shipment 2, sent Nov 29"; nothing where there is one only."""
    if len({other.part for other in rows}) == 1:
        return ""
    return _("For shipment %(part)s, sent %(day)s") % {"part": row.part, "day": day_text(row.start_date, locale, "short")}


def next_payment(to_come: Sequence[tuple[Purchase, Installment]], facts: dict[str, Any], visitor: Visitor) -> dict[str, Any]:
    """Return the next payment for the top of the home page, with the total due on that day in the same currency.

    `facts` is its row as `upcoming_rows` gives it.
    """
    purchase, row = to_come[0]
    others = [
        one.asked_minor(other) for one, other in to_come[1:] if (other.due_date, one.order.currency) == (row.due_date, facts["currency"])
    ]
    if others:
        amount = money_text(purchase.asked_minor(row) + sum(others), facts["currency"], visitor.locale)
        facts["also"] = _("%(count)s payments that day, %(amount)s in all") % {"count": len(others) + 1, "amount": amount}
    return facts | {"note": _note(facts) % facts}


def _note(facts: dict[str, Any]) -> str:
    """Return the note beside the next payment: its card, or why it is not charged yet."""
    if facts["under_way"]:
        return _("%(shop)s, %(which)s · a payment is on its way")
    if not facts["has_card"]:
        return _("%(shop)s, %(which)s · add a card to pay it")
    if facts["failed"]:
        return _("%(shop)s, %(which)s · refused, nothing was charged · next from %(card)s")
    return _("%(shop)s, %(which)s · from %(card)s")


def spending(found: Spending) -> dict[str, Any]:
    """Return what can be spent of a limit (one for all accounts of a person), and whether other currencies count against it."""
    return {
        "left": found.left_minor,
        "used": found.exposure_minor,
        "elsewhere": found.exposure_minor != found.line.used_minor,
        "limit": found.line.limit_minor,
        "currency": found.line.currency,
    }


def recent_move(line: CreditLine, change: LimitChange | None, visitor: Visitor) -> dict[str, Any]:
    """Return how a limit has moved lately, as a pill with its reason; nothing for the first limit or an old move."""
    if change is None or change.line.currency != line.currency or not change.before_minor:
        return {}
    day, step = visitor.day(change.at), change.after_minor - change.before_minor
    if (visitor.today - day).days > RECENT_DAYS:
        return {}
    amount = money_text(abs(step), line.currency, visitor.locale, "trim")
    text = _("Up %(amount)s in %(month)s") if step > 0 else _("Down %(amount)s in %(month)s")
    month = day_text(day, visitor.locale, "month").split()[0]
    return {"pill": text % {"amount": amount, "month": month}, "tone": "good" if step > 0 else "warn", "note": change.reason_text}
