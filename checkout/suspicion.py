"""Facts about a person for the officer's page and for reports of suspicion: plain values, as they were at that time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Consumer
from accounts.queries import account_ids
from brands.queries import get_brand
from checkout.models import Order
from core.ids import public_id
from core.unreadable import Unreadable
from fraud.laundering.behavior import QUARTER
from payments.models import Charge, Refund
from payments.queries import refunds_with_transfer
from payments.states import MOVEMENT_MADE
from payments.texts import method_name
from plans.models import Plan

MOST = 200
"""The most orders, charges and refunds that are included, newest first."""


def suspicion_facts(consumer: Consumer, at: datetime) -> dict[str, Any]:
    """Return a person's identity, their lender, and their orders, charges and refunds of the last 90 days; 6 queries."""
    return {"person": _person(consumer), "lender": _lender(consumer), "movements": movements_of(consumer, at), "at": at.isoformat()}


def _person(consumer: Consumer) -> dict[str, Any]:
    """Return a person's details; unreadable ones, such as after an erasure, are empty."""
    found = {name: getattr(consumer, name) for name in ("name", "birth_date", "email", "phone", "address")}
    readable = {name: "" if isinstance(value, Unreadable) else value for name, value in found.items()}
    return {"id": consumer.public_id, "since": consumer.created_at.isoformat(), "market": consumer.market_id} | readable


def _lender(consumer: Consumer) -> dict[str, str]:
    brand = get_brand(consumer.brand_id)
    return {"name": brand.name, "legal_name": brand.legal_name, "number": brand.register_number, "address": brand.address}


def movements_of(consumer: Consumer, at: datetime) -> list[dict[str, Any]]:
    """Return a person's orders, charges and refunds of the last 90 days, newest first; amounts in minor units of `currency`."""
    mine, since = list(account_ids(consumer.holder_id)), at - QUARTER
    orders = Order.objects.filter(consumer__in=mine, created_at__gt=since, created_at__lte=at).select_related("merchant")
    orders = orders.only("id", "created_at", "amount_minor", "currency", "status", "plan_id", "merchant__name", "merchant__legal_name")
    plans = Plan.objects.filter(consumer__in=mine).order_by("-id").values_list("id", flat=True)[: 5 * MOST]
    references = [public_id(Plan.PREFIX, key) for key in plans]
    made = {"reference__in": references, "created_at__gt": since, "created_at__lte": at, "status__in": MOVEMENT_MADE}
    charges = Charge.objects.filter(**made).select_related("payment_method").order_by("-id")[:MOST]
    refunds = Refund.objects.filter(**made).select_related("payment_method", "charge__payment_method").order_by("-id")[:MOST]
    found = [*map(_order, orders.order_by("-id")[:MOST]), *map(_charge, charges), *_refunds(refunds)]
    return sorted(found, key=lambda one: str(one["at"]), reverse=True)


def _order(order: Order) -> dict[str, Any]:
    shop = {"shop": order.merchant.name, "shop_legal_name": order.merchant.legal_name}
    return _movement("order", order, order.created_at) | shop | {"status": order.status}


def _charge(charge: Charge) -> dict[str, Any]:
    method = charge.payment_method
    return _movement("charge", charge, charge.created_at) | {"method": method_name(method.kind, method.shown), "status": charge.status}


def _refunds(refunds: Iterable[Refund]) -> list[dict[str, Any]]:
    found = list(refunds)
    by_bank = refunds_with_transfer([one.pk for one in found])
    return [_refund(one, by_bank=one.pk in by_bank) for one in found]


def _refund(refund: Refund, *, by_bank: bool) -> dict[str, Any]:
    paid = refund.charge.payment_method
    to = refund.payment_method or paid
    told = {"method": method_name(to.kind, to.shown), "elsewhere": by_bank or to.pk != paid.pk, "status": refund.status}
    return _movement("refund", refund, refund.created_at) | told


def _movement(kind: str, row: Order | Charge | Refund, at: datetime) -> dict[str, Any]:
    return {"kind": kind, "id": row.public_id, "at": at.isoformat(), "amount_minor": row.amount_minor, "currency": row.currency}
