"""How authorizations end or go on: void, extension, expiry, and the warnings before it."""

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from checkout import rules
from checkout.errors import WrongState
from checkout.events import OrderExpired, OrderExpiring, OrderExtended, OrderVoided
from checkout.models import Hold, Order
from checkout.queries import lock_order
from core.db import unit
from core.outbox import append
from credit import services as credit
from merchants.models import Merchant
from payments import services as payments
from plans import services as plans
from plans.queries import lock_plan

log = logging.getLogger("bnpl.checkout")
CHUNK = 200


def void_order(*, order_id: uuid.UUID, merchant: Merchant, actor: str, at: datetime) -> Order:
    """Give up an order of which nothing was captured; its limit is free again. Voiding twice is voiding once."""
    with unit():
        _drop_referral(Order.objects.filter(id=order_id, merchant=merchant), at)
        order = lock_order(order_id, merchant)
        if order.status == "voided":
            return order
        if order.status not in {"authorized", "pending_review"}:
            hint = "Refund it instead." if order.captured_minor else "There is nothing to void."
            raise WrongState(f"This order is {order.status.replace('_', ' ')}. {hint}", code="order.not_voidable")
        order.void()
        release_locked(order=order, at=at)
        append(OrderVoided(order=order.public_id, merchant=merchant.public_id), at=at)
    return order


def _drop_referral(orders: QuerySet[Order], at: datetime) -> None:
    """Stop the data source's review of an order that is about to end: before the order is locked, as that review does when it ends."""
    waiting = orders.filter(status="pending_review").values_list("decision_id", flat=True)
    credit.drop_referrals(decision_ids=list(waiting), at=at)


def release_locked(*, order: Order, at: datetime) -> None:
    """Free what a locked order that just ended still held: limit, plan, hold and the first payment on the card."""
    rest = order.amount_minor - order.captured_minor - order.released_minor
    order.released_minor += rest
    order.save(update_fields=["status", "released_minor", "expires_at"])
    if not order.captured_minor:
        plans.cancel_plan(plan=lock_plan(order.plan_id))
    hold = Hold.objects.filter(order=order, status__in=["waiting", "prepared"]).first()
    if hold is not None:
        hold.close()
        hold.save(update_fields=["status"])
    credit.release(consumer_id=order.consumer_id, currency=order.currency, amount_minor=rest, at=at)
    if order.authorization_id is not None and not order.captured_minor:
        payments.request_release(authorization_id=order.authorization_id, at=at)


def extend_order(*, order_id: uuid.UUID, merchant: Merchant, actor: str, at: datetime) -> Order:
    """Let an authorization last its full time again from now on, at most until day 180; WrongState when that is used up."""
    with unit():
        order = lock_order(order_id, merchant)
        if order.status not in {"authorized", "partially_captured"} or order.expires_at is None or order.authorized_at is None:
            raise WrongState(f"This order is {order.status.replace('_', ' ')}; there is nothing to extend.", code="order.not_extendable")
        if order.expires_at <= at:
            raise WrongState("The authorization of this order has expired.", code="order.expired")
        until = rules.renewed_expiry(authorized_at=order.authorized_at, at=at, days=merchant.authorization_days)
        if until <= order.expires_at and until == order.authorized_at + timedelta(days=rules.MAX_AUTHORIZED_DAYS):
            raise WrongState("An authorization lasts at most 180 days.", code="order.extension_used_up")
        _extend_locked(order, max(until, order.expires_at), at)
    return order


def _extend_locked(order: Order, until: datetime, at: datetime) -> None:
    order.expires_at, order.warned_at = until, None
    order.save(update_fields=["expires_at", "warned_at"])
    append(OrderExtended(order=order.public_id, merchant=order.merchant.public_id), at=at)


def expire_orders(*, at: datetime) -> int:
    """Expire, or extend where the merchant wants that, the authorizations whose time is over; a timer. Return how many.

    Each is a commit of its own: one that cannot be ended keeps no other open, and no two workers wait for each other's limits.
    """
    over = Order.objects.filter(status__in=Order.OPEN, expires_at__lte=at).order_by("expires_at")
    return sum(_end_one(over.filter(id=order_id), at) for order_id in over.values_list("id", flat=True)[:CHUNK])


def _end_one(over: QuerySet[Order], at: datetime) -> int:
    try:
        with unit():
            _drop_referral(over, at)
            found = _claim(over)
            for order in found:
                _expire_or_extend(order, at)
    except Exception:
        log.exception("an order cannot be ended")
        return 0
    return len(found)


def _claim(orders: QuerySet[Order]) -> list[Order]:
    return list(orders.select_related("merchant").select_for_update(skip_locked=True, of=("self",))[:CHUNK])


def _expire_or_extend(order: Order, at: datetime) -> None:
    if order.merchant.auto_extend and order.authorized_at is not None:
        until = rules.renewed_expiry(authorized_at=order.authorized_at, at=at, days=order.merchant.authorization_days)
        if until > at:
            _extend_locked(order, until, at)
            return
    if order.captured_minor:
        order.capture_fully()
    else:
        order.expire()
    order.expires_at = None
    release_locked(order=order, at=at)
    append(OrderExpired(order=order.public_id, merchant=order.merchant.public_id), at=at)


def warn_expiring(*, at: datetime) -> int:
    """Tell shops 7 days and 24 hours before an authorization expires, once each; a timer. Return how many were told."""
    with unit():
        soon = Order.objects.filter(status__in=["authorized", "partially_captured"], expires_at__gt=at)
        found = _claim(_unwarned(soon, at))
        for order in found:
            order.warned_at = at
            order.save(update_fields=["warned_at"])
        append(*(_warning(order, at) for order in found), at=at)
    return len(found)


def _unwarned(orders: QuerySet[Order], at: datetime) -> QuerySet[Order]:
    """Return orders inside a warning window that were not warned in it."""
    week, day = (timedelta(hours=hours) for hours in rules.WARN_HOURS)
    never = Q(warned_at=None, expires_at__lte=at + week)
    again = Q(expires_at__lte=at + day, warned_at__lt=F("expires_at") - day)
    return orders.filter(never | again).order_by("expires_at")


def _warning(order: Order, at: datetime) -> OrderExpiring:
    assert order.expires_at is not None
    hours = int((order.expires_at - at).total_seconds() // 3600)
    return OrderExpiring(order=order.public_id, merchant=order.merchant.public_id, hours=hours)
