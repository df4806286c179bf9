"""Monitor people for money laundering: the rules are evaluated whenever a person buys, pays or is refunded."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from accounts.classes import place_of_person
from accounts.models import Consumer
from accounts.queries import ACCOUNTS, find_holder
from checkout.states import ORDER_MADE
from controls.rules.facts import share_of
from core.db import rows
from core.ids import public_id
from core.states import words
from fraud.laundering.behavior import BEFORE, MONTH, QUARTER, WEEK, Bought, bought_facts, cycles_by_shop, linked_facts
from fraud.laundering.models import LaunderingAlert
from fraud.laundering.queries import list_linked
from fraud.laundering.services import raise_alerts
from payments.queries import count_refunds_elsewhere
from plans.models import Plan

MOST_ORDERS = 2_000
"""The most orders of a person that are considered, newest first."""

# The person's accounts, the limit, the plans with a refund, what was paid within a month, and how much of it came over a week early.
_PERSON = f"""
    WITH mine AS MATERIALIZED ({ACCOUNTS})
    SELECT ARRAY(SELECT id FROM mine),
        (SELECT limit_minor FROM credit_creditline WHERE consumer_id = %(holder)s AND currency = %(currency)s),
        ARRAY(SELECT plan_id FROM checkout_order
            WHERE consumer_id IN (SELECT id FROM mine) AND refunded_minor > 0 ORDER BY plan_id DESC LIMIT {MOST_ORDERS}),
        paid.whole, paid.ahead
    FROM (
        SELECT coalesce(sum(i.paid_principal_minor + i.paid_interest_minor), 0)::bigint AS whole,
            coalesce(sum(i.paid_principal_minor + i.paid_interest_minor)
                FILTER (WHERE i.due_date > (i.paid_at AT TIME ZONE 'UTC')::date + {WEEK.days}), 0)::bigint AS ahead
        FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
        WHERE p.consumer_id IN (SELECT id FROM mine) AND p.currency = %(currency)s AND i.paid_at > %(month)s AND i.paid_at <= %(at)s
    ) AS paid"""  # noqa: S608  (numbers)

_BOUGHT = f"""
    SELECT created_at, merchant_id, amount_minor, captured_minor, refunded_minor, consumer_id FROM checkout_order
    WHERE consumer_id = ANY(%(people)s) AND (%(shops)s::uuid[] IS NULL OR merchant_id = ANY(%(shops)s::uuid[]))
        AND status IN ({words(ORDER_MADE)}) AND currency = %(currency)s AND created_at > %(since)s AND created_at <= %(at)s
    ORDER BY id DESC LIMIT {MOST_ORDERS}"""  # noqa: S608  (states and a number)


def watch(*, consumer_id: uuid.UUID, at: datetime) -> list[LaunderingAlert]:
    """Evaluate the rules about money laundering for a person, by any of their accounts; return the alerts raised. Safe to repeat."""
    consumer = find_holder(consumer_id)
    if consumer is None:
        return []
    place = place_of_person(consumer, at)
    return raise_alerts(consumer=consumer, facts=behavior_of(consumer, at), place=place, at=at)


def behavior_of(consumer: Consumer, at: datetime) -> dict[str, Any]:
    """Return the facts of a person's behavior over all their accounts; None for unknown facts. 2 queries, up to 3 more after refunds."""
    currency = consumer.market.currency
    given = {"holder": consumer.holder_id, "currency": currency, "month": at - MONTH, "at": at}
    ((mine, limit, refunded, paid, ahead),) = rows(_PERSON, given)
    orders = _bought(mine, None, currency, at)
    shops = [*cycles_by_shop(orders, at)]
    return {
        "account_days": (at - consumer.created_at).days,
        **bought_facts(orders, limit_minor=limit, at=at),
        "elsewhere_90d": _elsewhere(refunded, at),
        "paid_ahead_30d": share_of(ahead, paid),
        **linked_facts(orders, _bought(list_linked(mine, at), shops, currency, at) if shops else [], at),
    }


def _bought(people: Collection[uuid.UUID], shops: Collection[Any] | None, currency: str, at: datetime) -> list[Bought]:
    """Return what people bought, in some shops or in all (None), within the time that the facts need."""
    given = {"people": list(people), "shops": shops, "currency": currency, "since": at - MONTH - BEFORE, "at": at}
    return [Bought(*row) for row in rows(_BOUGHT, given)]


def _elsewhere(plans: Collection[uuid.UUID], at: datetime) -> int:
    """Return how many refunds of some plans went to another destination in the last 90 days."""
    return count_refunds_elsewhere([public_id(Plan.PREFIX, key) for key in plans], since=at - QUARTER) if plans else 0
