"""The deposit of an order: charged whole before the first capture is booked, or before its hold lapses."""

import uuid
from datetime import datetime

from checkout.errors import DepositNotPaid
from checkout.models import Checkout, Order
from checkout.queries import find_order_of_plan, lock_order, needs_deposit
from checkout.services.capturing import capture_locked, check_capture
from checkout.states import ORDER_CAPTURABLE
from core.db import unit
from core.ids import public_id
from merchants.models import Merchant
from payments import services as payments
from plans import services as plans


def take_deposit(*, order_id: uuid.UUID, merchant: Merchant, amount_minor: int | None, at: datetime) -> None:
    """Charge the deposit of an order that is about to be captured, whole, from its hold; nothing if there is none or it is paid.

    Call it before `capture_order`, outside any transaction. Safe to repeat and to call beside itself: the deposit is claimed for one
    charge. Raises what the capture would raise, before anything is charged.
    """
    if not needs_deposit(order_id, merchant):
        return
    with unit():
        order = lock_order(order_id, merchant)
        check_capture(order, amount_minor, at)
        request = plans.claim_deposit(plan_id=order.plan_id, at=at)
    payments.run_charges(requests=[request] if request else [], at=at)


def capture_with_deposit(*, order_id: uuid.UUID, at: datetime) -> bool:
    """Capture an order whose shop captures automatically and whose deposit is paid; return whether it was captured now.

    Run by the event that a deposit was paid, and with the last click; safe to repeat.
    """
    with unit():
        order = lock_order(order_id)
        over = order.expires_at is not None and order.expires_at <= at
        if order.capture != "automatic" or order.status not in ORDER_CAPTURABLE or not order.remaining_authorized_minor or over:
            return False
        try:
            capture_locked(order=order, amount_minor=order.remaining_authorized_minor, actor="automatic", at=at)
        except DepositNotPaid:
            return False
    return True


def let_go_of_hold(*, order: Order, at: datetime) -> None:
    """Let go of the hold for a first payment that did not use it: it was paid in another way, or nothing of it is owed any more."""
    if order.authorization_id is not None:
        payments.request_releases(references=[public_id(Checkout.PREFIX, order.checkout_id)], at=at)


def let_go_once_paid(*, plan_id: uuid.UUID, at: datetime) -> None:
    """Let go of the hold of an order whose first payment was charged without it, such as to another card."""
    order = find_order_of_plan(plan_id)
    if order is not None:
        let_go_of_hold(order=order, at=at)


def deposit_then_capture(*, order: Order, at: datetime) -> None:
    """Charge the deposit of a new order whose shop captures automatically, and capture it; if the charge fails, workers try again.

    Outside any transaction. If the process dies, the due run and the event of the payment do the rest.
    """
    if order.capture != "automatic" or not order.deposit_minor or order.status not in ORDER_CAPTURABLE:
        return
    request = plans.claim_deposit(plan_id=order.plan_id, at=at)
    payments.run_charges(requests=[request] if request else [], at=at)
    if capture_with_deposit(order_id=order.id, at=at):
        order.refresh_from_db()
