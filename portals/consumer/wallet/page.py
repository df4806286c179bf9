"""Future payments, as lists show them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from collection.queries import cards_to_charge
from payments.models import PaymentMethod
from plans.models import Installment, Standstill
from portals.cards import title_or_none
from portals.consumer.purchases.page import which_of
from portals.consumer.purchases.queries import Purchase


def upcoming(purchases: Iterable[Purchase]) -> list[tuple[Purchase, Installment]]:
    """Return every installment that is still to be paid, earliest first, without those of plans that are stopped or given up."""
    found = [(purchase, row) for purchase in purchases if not (purchase.is_stopped or purchase.is_given_up) for row in purchase.to_charge]
    return sorted(found, key=lambda pair: (pair[1].due_date, pair[0].order.id, pair[1].number))


def upcoming_rows(to_come: Sequence[tuple[Purchase, Installment]], today: date, respite: Standstill | None = None) -> list[dict[str, Any]]:
    """Return future installments as rows of a list, each with the card to which it will be charged; none in a person's `respite`."""
    cards = cards_to_charge([(purchase.order.plan, row) for purchase, row in to_come])
    return [_upcoming_row(purchase, row, card, today, respite) for (purchase, row), card in zip(to_come, cards, strict=True)]


def waits_for_person(purchase: Purchase, row: Installment, today: date, respite: Standstill | None = None) -> bool:
    """Return whether workers leave a payment to its person: a settlement is paid, it is late and promised, or in a `respite`."""
    plan = purchase.order.plan
    if _stands_still(row, respite):
        return True
    promised = plan.promised_until is not None and plan.promised_until >= today
    return plan.settling_until is not None or (promised and row.is_late(today))


def _stands_still(row: Installment, respite: Standstill | None) -> bool:
    return respite is not None and (respite.until is None or row.due_date <= respite.until)


def _upcoming_row(
    purchase: Purchase, row: Installment, card: PaymentMethod | None, today: date, respite: Standstill | None
) -> dict[str, Any]:
    still = _stands_still(row, respite)
    return {
        "due": row.due_date,
        "minor": purchase.asked_minor(row),
        "currency": purchase.order.currency,
        "late": row.is_late(today) and not still,
        "owed_again": purchase.again_since(row),
        "shop": purchase.order.merchant.name,
        "which": which_of(row, purchase.rows),
        "pay_path": reverse("purchase_pay", args=[purchase.order.public_id]),
        "href": reverse("purchase", args=[purchase.order.public_id]),
        "under_way": row.charge_id is not None,
        "card": title_or_none(card),
        "has_card": card is not None,
        "failed": bool(row.last_failure) and not still,
        "waits": waits_for_person(purchase, row, today, respite),
    }
