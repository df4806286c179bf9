"""Monitor people for money laundering: the rules are evaluated whenever a person buys, pays or is refunded."""

import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.classes import groups_of
from accounts.models import Consumer
from accounts.queries import account_ids
from checkout.models import Order
from checkout.states import ORDER_MADE
from controls.rules.facts import share_of
from controls.rules.sets import Place
from core.clock import local_date
from core.ids import public_id
from credit.models import CreditLine
from fraud.laundering.behavior import BEFORE, MONTH, QUARTER, WEEK, Bought, bought_facts, cycles_by_shop, linked_facts
from fraud.laundering.models import LaunderingAlert
from fraud.laundering.queries import list_linked
from fraud.laundering.services import raise_alerts
from payments.queries import count_refunds_elsewhere
from plans.models import Installment, Plan

MOST_ORDERS = 2_000
"""The most orders of a person that are considered, newest first."""


def watch(*, consumer_id: uuid.UUID, at: datetime) -> list[LaunderingAlert]:
    """Evaluate the rules about money laundering for a person, by any of their accounts; return the alerts raised. Safe to repeat."""
    consumer = Consumer.objects.select_related("market").get(pk=consumer_id)
    if consumer.is_erased:
        return []
    if consumer.person_id:
        consumer = Consumer.objects.select_related("market").get(pk=consumer.person_id)
    place = Place(consumer.brand_id or "", consumer.market_id, "", groups_of(consumer), local_date(at, consumer.time_zone))
    return raise_alerts(consumer=consumer, facts=behavior_of(consumer, at), place=place, at=at)


def behavior_of(consumer: Consumer, at: datetime) -> dict[str, Any]:
    """Return the facts of a person's behavior over all their accounts; None for unknown facts. At most 8 queries."""
    mine, currency = list(account_ids(consumer.holder_id)), consumer.market.currency
    orders = _bought(Order.objects.filter(consumer__in=mine), currency, at)
    limit = CreditLine.objects.filter(consumer_id=consumer.holder_id, currency=currency).values_list("limit_minor", flat=True).first()
    shops = cycles_by_shop(orders, at).keys()
    return {
        "account_days": (at - consumer.created_at).days,
        **bought_facts(orders, limit_minor=limit, at=at),
        "elsewhere_90d": _elsewhere(mine, at),
        "paid_ahead_30d": _paid_ahead(mine, currency, at),
        **linked_facts(orders, _bought_by_linked(mine, shops, currency, at) if shops else [], at),
    }


def _bought(orders: QuerySet[Order], currency: str, at: datetime) -> list[Bought]:
    found = orders.filter(status__in=ORDER_MADE, currency=currency, created_at__gt=at - MONTH - BEFORE, created_at__lte=at)
    names = ("created_at", "merchant_id", "amount_minor", "captured_minor", "refunded_minor")
    return [Bought(*row) for row in found.order_by("-id").values_list(*names, F("consumer_id"))[:MOST_ORDERS]]


def _bought_by_linked(mine: Collection[uuid.UUID], shops: Collection[Any], currency: str, at: datetime) -> list[Bought]:
    linked = Order.objects.filter(consumer__in=list_linked(mine, at), merchant__in=list(shops))
    return _bought(linked, currency, at)


def _elsewhere(mine: Collection[uuid.UUID], at: datetime) -> int:
    """Return how many refunds of the last 90 days went to another destination; only plans young enough to be refunded count."""
    plans = Plan.objects.filter(consumer__in=mine, order__refunded_minor__gt=0).order_by("-id").values_list("id", flat=True)[:MOST_ORDERS]
    return count_refunds_elsewhere([public_id(Plan.PREFIX, key) for key in plans], since=at - QUARTER)


def _paid_ahead(mine: Collection[uuid.UUID], currency: str, at: datetime) -> float | None:
    """Return the share of payments of the last 30 days that were due more than a week later; None if nothing was paid."""
    paid = Installment.objects.filter(plan__consumer__in=mine, plan__currency=currency, paid_at__gt=at - MONTH, paid_at__lte=at)
    amount = Sum(F("paid_principal_minor") + F("paid_interest_minor"), default=0)
    ahead = Q(due_date__gt=TruncDate("paid_at", tzinfo=UTC) + WEEK)
    told = paid.aggregate(whole=amount, ahead=Sum(F("paid_principal_minor") + F("paid_interest_minor"), filter=ahead, default=0))
    return share_of(told["ahead"], told["whole"])
