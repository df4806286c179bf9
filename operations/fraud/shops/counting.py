"""What became of shops' attempts and orders, counted by index in a constant number of statements."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from checkout.models import Order
from core.db import rows
from core.ids import parse_id
from fraud.models import Label
from fraud.states import Verdict
from merchants.models import Merchant
from operations.fraud.shops.rules import Tally
from payments.models import Dispute
from payments.states import DisputeStatus
from plans.models import Plan
from plans.states import InstallmentStatus

MOST = 20_000
"""The most labels and disputes of a span that are counted, newest first."""
WORST = 50
"""The most orders that a shop's page lists."""
_LATE = f"""
    WITH late AS MATERIALIZED (
        SELECT i.plan_id, min(i.due_date) AS since FROM plans_installment i
        WHERE i.status = '{InstallmentStatus.OVERDUE}' AND i.due_date <= %(day_30)s GROUP BY i.plan_id)"""  # noqa: S608  (words of our own)
_ORDERS = """{late}
    SELECT {bucket}, count(*), count(r.id), count(*) FILTER (WHERE o.authorized_at IS NOT NULL),
        count(*) FILTER (WHERE o.captured_minor > 0),
        count(*) FILTER (WHERE o.id = ANY(%(fraud)s::uuid[])),
        count(*) FILTER (WHERE o.plan_id = ANY(%(lost)s::uuid[])), count(*) FILTER (WHERE o.plan_id = ANY(%(disputed)s::uuid[])),
        count(*) FILTER (WHERE o.captured_minor > 0 AND l.since IS NOT NULL),
        count(*) FILTER (WHERE o.captured_minor > 0 AND l.since <= %(day_90)s), count(*) FILTER (WHERE o.refunded_minor > 0)
    FROM unnest(%(shops)s::uuid[]) AS s(id)
    JOIN checkout_order o ON o.merchant_id = s.id AND o.created_at > %(first)s AND o.created_at <= %(at)s
    LEFT JOIN checkout_orderreview r ON r.order_id = o.id LEFT JOIN late l ON l.plan_id = o.plan_id GROUP BY 1"""
_ATTEMPTS = f"""
    SELECT {{bucket}}, count(*), count(*) FILTER (WHERE o.verdict = '{Verdict.BLOCK}'), count(*) FILTER (WHERE o.subject = ANY(%(stopped)s))
    FROM (
        SELECT DISTINCT ON (g.merchant, g.subject) g.merchant, g.subject, g.verdict, g.at AS created_at
        FROM unnest(%(names)s::text[]) AS s(name) JOIN fraud_sighting g ON g.merchant = s.name AND g.at > %(first)s AND g.at <= %(at)s
        ORDER BY g.merchant, g.subject, g.at DESC) AS o GROUP BY 1"""  # noqa: S608  (words of our own)
_MONTH = "date_trunc('month', o.created_at AT TIME ZONE 'UTC')::date"
_WORST = """{late}
    SELECT o.id, l.since, o.id = ANY(%(fraud)s::uuid[]), o.plan_id = ANY(%(lost)s::uuid[]), o.plan_id = ANY(%(disputed)s::uuid[])
    FROM checkout_order o LEFT JOIN late l ON l.plan_id = o.plan_id AND o.captured_minor > 0
    WHERE o.merchant_id = ANY(%(shops)s::uuid[]) AND o.created_at > %(first)s AND o.created_at <= %(at)s
        AND (l.since IS NOT NULL OR o.id = ANY(%(fraud)s::uuid[]) OR o.plan_id = ANY(%(lost)s::uuid[] || %(disputed)s::uuid[]))
    ORDER BY o.amount_minor DESC, o.id DESC LIMIT {most}"""


@dataclass(frozen=True, slots=True)
class Bad:
    """What is known to be bad: orders and checkouts without an order labeled as fraud, plans with a lost or an open dispute."""

    orders: frozenset[uuid.UUID]
    stopped: frozenset[str]
    lost: frozenset[uuid.UUID]
    disputed: frozenset[uuid.UUID]


def find_bad(shops: Sequence[Merchant], first: datetime, at: datetime) -> Bad:
    """Return what is known to be bad of shops since a time, by labels in force and disputes. Two queries."""
    labels = Label.objects.filter(merchant__in=[shop.public_id for shop in shops], is_fraud=True, ended_at=None, at__gt=first, at__lte=at)
    about = set(labels.order_by("-at").values_list("order", flat=True)[:MOST])
    stopped = frozenset(one for one in about if not one.startswith(f"{Order.PREFIX}_"))
    orders = frozenset(parse_id(Order.PREFIX, one) for one in about - stopped)
    disputes = Dispute.objects.filter(opened_at__gt=first, opened_at__lte=at, reference__startswith=f"{Plan.PREFIX}_")
    by_status = defaultdict[str, set[uuid.UUID]](set)
    for reference, status in disputes.order_by("-opened_at").values_list("reference", "status")[:MOST]:
        by_status[status].add(parse_id(Plan.PREFIX, reference))
    return Bad(orders, stopped, frozenset(by_status[DisputeStatus.LOST]), frozenset(by_status[DisputeStatus.OPEN]))


def tallies_of(shops: Sequence[Merchant], first: datetime, at: datetime) -> dict[uuid.UUID, Tally]:
    """Return what became of the attempts and orders of a span, by shop. Four queries."""
    bad = find_bad(shops, first, at)
    told = _told(shops, bad, first, at)
    keys = {shop.public_id: shop.pk for shop in shops}
    orders = {key: counts for key, *counts in rows(_ORDERS.format(late=_LATE, bucket="o.merchant_id"), told)}
    attempts = {keys[name]: counts for name, *counts in rows(_ATTEMPTS.format(bucket="o.merchant"), told)}
    return {key: _tally(orders.get(key), attempts.get(key)) for key in keys.values()}


def months_of(shop: Merchant, first: datetime, at: datetime) -> dict[date, Tally]:
    """Return what became of a shop's attempts and orders, by month (UTC). Four queries."""
    bad = find_bad([shop], first, at)
    told = _told([shop], bad, first, at)
    orders = {key: counts for key, *counts in rows(_ORDERS.format(late=_LATE, bucket=_MONTH), told)}
    attempts = {key: counts for key, *counts in rows(_ATTEMPTS.format(bucket=_MONTH), told)}
    return {key: _tally(orders.get(key), attempts.get(key)) for key in {*orders, *attempts}}


@dataclass(frozen=True, slots=True)
class BadOrder:
    """An order that went bad, and how: confirmed fraud, a lost or an open dispute, or the day since which a payment is overdue."""

    order: Order
    late_since: date | None
    is_fraud: bool
    is_lost: bool
    is_disputed: bool


def worst_orders(shop: Merchant, first: datetime, at: datetime) -> list[BadOrder]:
    """Return a shop's largest orders of a span that went bad. Four queries."""
    told = _told([shop], find_bad([shop], first, at), first, at)
    found = rows(_WORST.format(late=_LATE, most=WORST), told)
    orders = Order.objects.in_bulk([key for key, *_how in found])
    return [BadOrder(orders[key], *how) for key, *how in found]


def _told(shops: Sequence[Merchant], bad: Bad, first: datetime, at: datetime) -> dict[str, Any]:
    day = at.date()
    return {
        "shops": [shop.pk for shop in shops],
        "names": [shop.public_id for shop in shops],
        "fraud": list(bad.orders),
        "stopped": list(bad.stopped),
        "lost": list(bad.lost),
        "disputed": list(bad.disputed - bad.lost),
        "day_30": day - timedelta(days=30),
        "day_90": day - timedelta(days=90),
        "first": first,
        "at": at,
    }


_OF_ORDERS = [one.name for one in fields(Tally) if one.name not in {"attempts", "refused"}]


def _tally(orders: Sequence[int] | None, attempts: Sequence[int] | None) -> Tally:
    """Return a tally; every order was an attempt, also where what was seen at it is no longer kept."""
    counted = Tally(**dict(zip(_OF_ORDERS, orders or [0] * len(_OF_ORDERS), strict=True)))
    tried, refused, stopped = attempts or (0, 0, 0)
    return replace(counted, attempts=max(tried, counted.orders), refused=refused, fraud=counted.fraud + stopped)
