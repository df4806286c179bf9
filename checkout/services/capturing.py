"""Captures: the shop ships, the consumer owes the amount, and the merchant is credited."""

import uuid
from datetime import datetime

from checkout import rules
from checkout.errors import AmountTooLarge, DepositNotPaid, WrongState
from checkout.events import OrderCaptured
from checkout.fees import price_capture
from checkout.models import Capture, Order
from checkout.queries import lock_order
from checkout.services.items import record_for_shop
from checkout.services.shop_interest import shop_interest_of, take_shop_interest
from checkout.states import ORDER_CAPTURABLE
from core.db import unit
from core.ids import public_id
from core.outbox import append
from core.sentences import Sentence, status_word
from core.writes import insert
from ledger import postings
from merchants.models import Merchant
from plans import services as plans
from plans.models import Plan
from plans.queries import find_deposit, lock_plan
from plans.rules.schedule import deposit_share


def capture_order(*, order_id: uuid.UUID, merchant: Merchant, amount_minor: int | None, actor: str, at: datetime) -> Capture:
    """Capture `amount_minor` of an authorized order, or all that is left if None.

    The captured part of the plan starts today, the merchant is credited less the fee, and the authorization of the rest is renewed.
    AmountTooLarge above the amount left; WrongState if the order cannot be captured; DepositNotPaid before its deposit is paid, which
    `take_deposit` charges.
    """
    with unit():
        order = lock_order(order_id, merchant)
        amount = check_capture(order, amount_minor, at)
        return capture_locked(order=order, amount_minor=amount, actor=actor, at=at)


def check_capture(order: Order, amount_minor: int | None, at: datetime) -> int:
    """Return the amount to capture of a locked order, all that is left if None; AmountTooLarge, or WrongState."""
    _check_state(order, at)
    left = order.remaining_authorized_minor
    amount = left if amount_minor is None else amount_minor
    if amount > left:
        detail = Sentence("%(left)s is left to capture of this order, not %(amount)s.", left=left, amount=amount)
        raise AmountTooLarge(detail, code="order.capture_too_large", fields={"amount": Sentence("at most %(most)s", most=left)})
    return amount


def _check_deposit(order: Order, plan: Plan) -> None:
    """Raise DepositNotPaid unless the deposit of an order, if it has one, is paid and no bank looks into that payment.

    Its code tells the shop whether to ask again in a moment (`order.deposit_under_way`) or to wait for its customer
    (`order.deposit_declined`).
    """
    if not order.deposit_minor:
        return
    deposit = find_deposit(plan.id)
    if deposit is not None and deposit.state == "under_way":
        raise DepositNotPaid(
            "The deposit of this order is being charged. Nothing was captured. Try again in a moment.", code="order.deposit_under_way"
        )
    if deposit is None or deposit.state != "paid" or plan.stopped_at is not None:
        raise DepositNotPaid(
            "The deposit of this order is not paid. Nothing was captured. Your customer was told, and can pay it until the order expires.",
            code="order.deposit_declined",
        )


def _check_state(order: Order, at: datetime) -> None:
    if order.status not in ORDER_CAPTURABLE:
        raise WrongState(
            Sentence("This order is %(status)s; nothing is left to capture.", status=status_word(order.status)), code="order.not_capturable"
        )
    if order.expires_at is not None and order.expires_at <= at:
        raise WrongState("The authorization of this order has expired.", code="order.expired")


def capture_locked(*, order: Order, amount_minor: int, actor: str, at: datetime) -> Capture:
    """Capture an amount of a locked, capturable order inside the running transaction; DepositNotPaid before anything is written."""
    part = Capture.objects.filter(order=order).count() + 1
    if part > rules.MAX_CAPTURES:
        raise WrongState("This order was captured 200 times, which is the most there can be.", code="order.too_many_captures")
    plan = lock_plan(order.plan_id)
    _check_deposit(order, plan)
    capture = Capture(order=order, part=part, amount_minor=amount_minor, actor=actor, at=at)
    case = price_capture(capture, plan.product.code, at)
    deposit = _use_deposit(order, plan, amount_minor)
    interest = shop_interest_of(plan, amount_minor, deposit, at)
    capture.shop_interest_minor = sum(minor for _day, minor in interest)
    capture.save(force_insert=True)
    insert(case)
    started = plans.start_part(
        plan=plan, reference=capture.public_id, part=part, principal_minor=amount_minor, deposit_minor=deposit, actor=actor, at=at
    )
    plans.charge_service(plan=plan, started=started, principal_minor=amount_minor, deposit_minor=deposit, at=at)
    _update_order(order, amount_minor, capture.fee_minor, at)
    _book(order, capture, sum(row.interest_minor for row in started), at)
    take_shop_interest(order=order, capture=capture, plan=plan, steps=interest, at=at)
    return capture


def _use_deposit(order: Order, plan: Plan, amount_minor: int) -> int:
    """Return a capture's share of its order's deposit, in minor units, which is paid."""
    if not order.deposit_minor:
        return 0
    share = deposit_share(
        plan.deposit_minor,
        plan.deposit_minor - order.deposit_minor,
        captured_minor=order.captured_minor,
        amount_minor=order.amount_minor,
        part_minor=amount_minor,
    )
    order.deposit_minor -= share
    return share


def _update_order(order: Order, amount_minor: int, fee: int, at: datetime) -> None:
    order.captured_minor += amount_minor
    order.fee_minor += fee
    if order.remaining_authorized_minor:
        order.capture_partly()
        order.expires_at = rules.renewed_expiry(authorized_at=order.authorized_at or at, at=at, days=order.merchant.authorization_days)
        order.warned_at = None
    else:
        order.capture_fully()
        order.expires_at = None
    order.save(update_fields=["captured_minor", "deposit_minor", "fee_minor", "status", "expires_at", "warned_at"])


def _book(order: Order, capture: Capture, interest_minor: int, at: datetime) -> None:
    plan, merchant = public_id("pln", order.plan_id), order.merchant
    record_for_shop(order, kind="capture", source=capture.public_id, gross_minor=capture.amount_minor, fee_minor=capture.fee_minor, at=at)
    posting = postings.CapturePosting(
        capture=capture.public_id,
        plan=plan,
        merchant=merchant.public_id,
        currency=order.currency,
        principal_minor=capture.amount_minor,
        interest_minor=interest_minor,
        fee_minor=capture.fee_minor,
        at=at,
    )
    event = OrderCaptured(
        order=order.public_id,
        merchant=merchant.public_id,
        capture=capture.public_id,
        plan=plan,
        amount_minor=capture.amount_minor,
        remaining_minor=order.remaining_authorized_minor,
    )
    append(event, at=at)
    postings.captures([posting])
