"""The end or extension of authorizations: void, release of the rest, extension, expiry, and the warnings before expiry."""

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from checkout import rules
from checkout.errors import WrongState
from checkout.events import OrderExpired, OrderExpiring, OrderExtended, OrderReleased, OrderVoided
from checkout.models import Order, OrderReview
from checkout.queries import lock_order
from checkout.services.changes import record_change
from checkout.states import ORDER_CAPTURABLE, ORDER_UNCAPTURED, REVIEW_OPEN, OrderStatus
from core.db import unit
from core.outbox import append
from core.sentences import Sentence, status_word
from credit import services as credit
from merchants.models import Merchant
from payments import services as payments
from plans import services as plans
from plans.queries import awaits_first_charge, lock_plan

log = logging.getLogger("bnpl.checkout")
CHUNK = 200


def void_order(*, order_id: uuid.UUID, merchant: Merchant, actor: str, at: datetime) -> Order:
    """Void an order of which nothing was captured, and free its limit. Safe to repeat."""
    with unit():
        _drop_referral(Order.objects.filter(id=order_id, merchant=merchant), at)
        order = lock_order(order_id, merchant)
        if order.status == OrderStatus.VOIDED:
            return order
        if order.status not in ORDER_UNCAPTURED:
            status = status_word(order.status)
            if order.captured_minor:
                detail = Sentence("This order is %(status)s. Refund it instead.", status=status)
            else:
                detail = Sentence("This order is %(status)s. There is nothing to void.", status=status)
            raise WrongState(detail, code="order.not_voidable")
        order.void()
        rest = release_locked(order=order, actor=actor, at=at)
        record_change(order, "voided", actor=actor, at=at, amount_minor=rest)
        append(OrderVoided(order=order.public_id, merchant=merchant.public_id), at=at)
    return order


def release_order(*, order_id: uuid.UUID, merchant: Merchant, actor: str, at: datetime) -> Order:
    """Release the rest of a partly captured order: the order is then captured, and the rest is free in the limit again.

    Safe to repeat. WrongState if nothing was captured (void the order instead) or nothing is left.
    """
    with unit():
        order = lock_order(order_id, merchant)
        if order.status == OrderStatus.CAPTURED and order.released_minor:
            return order
        _check_rest(order)
        rest = _end_partly_captured(order, actor=actor, at=at)
        record_change(order, "released", actor=actor, at=at, amount_minor=rest)
        append(OrderReleased(order=order.public_id, merchant=order.merchant.public_id, amount_minor=rest), at=at)
    return order


def _check_rest(order: Order) -> None:
    if order.status in ORDER_UNCAPTURED:
        raise WrongState(
            "Nothing of this order was captured, so there is no rest to release. Void it instead.", code="order.nothing_captured"
        )
    if order.status != OrderStatus.PARTIALLY_CAPTURED:
        raise WrongState(
            Sentence("This order is %(status)s; nothing is left to release.", status=status_word(order.status)), code="order.not_releasable"
        )


def _end_partly_captured(order: Order, *, actor: str, at: datetime) -> int:
    """End a locked order with the amount captured so far; return the released amount."""
    order.capture_fully()
    order.expires_at = None
    return release_locked(order=order, actor=actor, at=at)


def _drop_referral(orders: QuerySet[Order], at: datetime) -> None:
    """Stop the data source's review of orders that are about to end. Call it before the orders are locked: the review is locked first."""
    waiting = orders.filter(status=OrderStatus.PENDING_REVIEW).values_list("decision_id", flat=True)
    credit.drop_referrals(decision_ids=list(waiting), at=at)


def release_locked(*, order: Order, actor: str, at: datetime) -> int:
    """Free what a locked order that just ended still held (limit, plan, review, the card's hold for the first payment); return how much.

    A first payment that is about to be captured from the hold keeps the hold; the rest of the hold is released afterwards. What is left of
    a paid deposit goes back; a deposit whose charge is under way goes back once that ends.
    """
    rest = order.amount_minor - order.captured_minor - order.released_minor
    lent = rest - order.deposit_minor
    order.released_minor, order.deposit_minor = order.released_minor + rest, 0
    order.save(update_fields=["status", "released_minor", "deposit_minor", "expires_at"])
    plan = lock_plan(order.plan_id)
    if order.captured_minor:
        plans.end_captures(plan=plan, reference=order.public_id, actor=actor, at=at)
    else:
        plans.cancel_plan(plan=plan)
    review = OrderReview.objects.filter(order=order, status__in=REVIEW_OPEN).first()
    if review is not None:
        review.close()
        review.save(update_fields=["status"])
    if lent:
        credit.release(consumer_id=order.consumer_id, currency=order.currency, amount_minor=lent, at=at)
    under_way = plans.end_deposit(plan=plan, at=at)
    if order.authorization_id is not None and not under_way and not awaits_first_charge(plan):
        payments.request_release(authorization_id=order.authorization_id, at=at)
    return rest


def extend_order(*, order_id: uuid.UUID, merchant: Merchant, actor: str, at: datetime) -> Order:
    """Let an authorization last its full time again from now on, at most until day 180; WrongState after that."""
    with unit():
        order = lock_order(order_id, merchant)
        if order.status not in ORDER_CAPTURABLE or order.expires_at is None or order.authorized_at is None:
            detail = Sentence("This order is %(status)s; there is nothing to extend.", status=status_word(order.status))
            raise WrongState(detail, code="order.not_extendable")
        if order.expires_at <= at:
            raise WrongState("The authorization of this order has expired.", code="order.expired")
        until = rules.renewed_expiry(authorized_at=order.authorized_at, at=at, days=merchant.authorization_days)
        if until <= order.expires_at and until == order.authorized_at + timedelta(days=rules.MAX_AUTHORIZED_DAYS):
            raise WrongState("An authorization lasts at most 180 days.", code="order.extension_used_up")
        _extend_locked(order, max(until, order.expires_at), actor, at)
    return order


def _extend_locked(order: Order, until: datetime, actor: str, at: datetime) -> None:
    order.expires_at, order.warned_at = until, None
    order.save(update_fields=["expires_at", "warned_at"])
    record_change(order, "extended", actor=actor, at=at)
    append(OrderExtended(order=order.public_id, merchant=order.merchant.public_id), at=at)


def expire_orders(*, at: datetime) -> int:
    """Expire the authorizations whose time is over, or extend them if the merchant wants that; return how many. Run by a timer.

    Each is a commit of its own, so that one failure does not stop the others, and two workers do not wait for each other's locks on limits.
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
            _extend_locked(order, until, "expiry", at)
            return
    if order.captured_minor:
        rest = _end_partly_captured(order, actor="expiry", at=at)
    else:
        order.expire()
        order.expires_at = None
        rest = release_locked(order=order, actor="expiry", at=at)
    record_change(order, "expired", actor="expiry", at=at, amount_minor=rest)
    append(OrderExpired(order=order.public_id, merchant=order.merchant.public_id), at=at)


def warn_expiring(*, at: datetime) -> int:
    """Warn shops 7 days and 24 hours before an authorization expires, once each; return how many were warned. Run by a timer."""
    with unit():
        soon = Order.objects.filter(status__in=ORDER_CAPTURABLE, expires_at__gt=at)
        found = _claim(_unwarned(soon, at))
        for order in found:
            order.warned_at = at
            order.save(update_fields=["warned_at"])
        append(*(_warning(order, at) for order in found), at=at)
    return len(found)


def _unwarned(orders: QuerySet[Order], at: datetime) -> QuerySet[Order]:
    """Return the orders inside a warning window whose shop was not warned in that window."""
    week, day = (timedelta(hours=hours) for hours in rules.WARN_HOURS)
    never = Q(warned_at=None, expires_at__lte=at + week)
    again = Q(expires_at__lte=at + day, warned_at__lt=F("expires_at") - day)
    return orders.filter(never | again).order_by("expires_at")


def _warning(order: Order, at: datetime) -> OrderExpiring:
    assert order.expires_at is not None
    hours = int((order.expires_at - at).total_seconds() // 3600)
    return OrderExpiring(order=order.public_id, merchant=order.merchant.public_id, hours=hours)
