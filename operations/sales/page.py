"""What the pages of sales of debts show, as plain values, and the tape of a sale."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from accounts.models import Consumer
from checkout.models import Order
from collection.desk import operator_name
from controls.queries import find_open_proposal
from core.clock import local_date
from core.csv_files import Cell
from core.moments import amount_words
from ledger.queries import balance
from plans.models import ChargeOff, DebtSale, SoldPlan
from plans.queries import by_date, list_installments
from plans.sale_guards import BUYER_PAID, SALE

SHOWN = 100
FIELDS = (
    *("account", "order", "shop", "product", "currency", "agreed_on", "charged_off_on", "cause", "oldest_due_on", "last_paid_on"),
    *("principal_minor", "interest_minor", "fees_minor", "face_minor", "price_minor"),
)
PERSON = ("name", "email", "phone", "language")
"""Columns of the tape; those of the person only once the debts are sold."""


def facts_of(sale: DebtSale) -> dict[str, Any]:
    """Return a sale's page: its sums, its first plans, its money with the buyer, and what is proposed."""
    listed = list(sale.plans.select_related("plan").order_by("-face_minor", "id"))
    currency, waiting = sale.currency, find_open_proposal(SALE, str(sale.pk)) or find_open_proposal(BUYER_PAID, str(sale.pk))
    money = balance(kind="debt_buyers", owner=sale.public_id, currency=currency)
    return {
        "sale": sale,
        "count": len(listed),
        "face": amount_words(sum(one.face_minor for one in listed), currency),
        "price": amount_words(sum(one.price_minor for one in listed), currency),
        "passed": amount_words(sum(one.passed_minor for one in listed), currency),
        "owes_us": money > 0,
        "owed": amount_words(abs(money), currency) if money else "",
        "plans": [_row(one, currency) for one in listed[:SHOWN]],
        "more": max(0, len(listed) - SHOWN),
        "back": [_back(one, currency) for one in listed if one.returned_at],
        "payments": [(amount_words(one.amount_minor, currency), one.bank_reference, one.at) for one in sale.payments.order_by("-id")],
        "made_by": operator_name(sale.made_by),
        "proposal": reverse("admin:controls_proposal_change", args=[waiting.pk]) if waiting else "",
    }


def _row(one: SoldPlan, currency: str) -> dict[str, Any]:
    return {
        "link": reverse("admin:plans_plan_change", args=[one.plan_id]),
        "name": one.plan.public_id,
        "face": amount_words(one.face_minor, currency),
        "price": amount_words(one.price_minor, currency),
        "passed": amount_words(one.passed_minor, currency) if one.passed_minor else "–",
        "is_back": one.returned_at is not None,
    }


def _back(one: SoldPlan, currency: str) -> tuple[str, str, str, datetime | None]:
    return one.plan.public_id, one.get_return_cause_display(), amount_words(one.return_minor, currency), one.returned_at


def tape_of(sale: DebtSale, listed: Sequence[SoldPlan]) -> Iterator[list[Cell]]:
    """Yield the lines of a sale's tape; amounts are those that are open now, but for face and price."""
    keys = [one.plan_id for one in listed]
    rows = list_installments(keys)
    orders = {one.plan_id: one for one in Order.objects.filter(plan_id__in=keys).select_related("merchant")}
    losses = {one.plan_id: one for one in ChargeOff.objects.filter(plan_id__in=keys).order_by("id")}
    for one in listed:
        order, loss, mine = orders[one.plan_id], losses[one.plan_id], by_date(rows[one.plan_id])
        opened, paid = [row for row in mine if row.open_minor], [row.paid_at for row in mine if row.paid_at]
        zone = one.plan.time_zone
        line: list[Cell] = [
            *(one.plan.public_id, order.merchant_reference, order.merchant.name, one.plan.product.code, sale.currency),
            _day(local_date(one.plan.created_at, zone)),
            _day(local_date(loss.closed_at, zone) if loss.closed_at else None),
            loss.reason,
            _day(opened[0].due_date if opened else None),
            _day(local_date(max(paid), zone) if paid else None),
            sum(row.principal_minor - row.paid_principal_minor for row in opened),
            sum(row.interest_minor - row.paid_interest_minor for row in opened),
            sum(row.open_fees_minor for row in opened),
            *(one.face_minor, one.price_minor),
        ]
        yield [*line, *_person(one.plan.consumer)] if sale.sold_at else line


def _person(consumer: Consumer) -> list[Cell]:
    return [] if consumer.is_erased else [consumer.name or "", consumer.email or "", consumer.phone or "", consumer.language]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def people_of(listed: Sequence[SoldPlan]) -> list[uuid.UUID]:
    """Return the consumers of a list, each once."""
    return sorted({one.plan.consumer_id for one in listed})
