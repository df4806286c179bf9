"""Event handlers of orders."""

from datetime import datetime
from typing import Any

from accounts.events import ConsumerErased, IdentitySettled
from accounts.models import Consumer
from checkout.classing import CUSTOMERS
from checkout.events import OrderApproved, OrderAuthorized, OrderCaptured, OrderRefunded
from checkout.fees import FEES
from checkout.models import Capture, Checkout, Order, ShownOffer
from checkout.offers import OFFERS
from checkout.ruling import ORDERS
from checkout.services import capture_with_deposit, classify, label_dispute, let_go_once_paid, resolve_referral, watch
from controls.services import clear_cases
from core.ids import parse_id, public_id
from credit.events import ReferralResolved
from credit.grading import GRADES
from credit.models import Decision
from credit.overruling import OVERRULES
from credit.ruling import LIMITS
from payments.events import DisputeClosed, RefundArrived
from payments.models import Dispute
from payments.states import DisputeStatus
from plans.events import (
    ChargeOffConfirmed,
    DepositPaid,
    InstallmentOverdue,
    InstallmentsPaid,
    LatePaymentLapsed,
    PaymentArrived,
    PaymentReversed,
    PlanCompleted,
)
from plans.fee_rules import PERSON_FEES
from plans.models import Fee, Plan, Reward
from plans.reward_rules import EARLY_REWARDS

PlanEvent = (
    DepositPaid
    | InstallmentsPaid
    | InstallmentOverdue
    | LatePaymentLapsed
    | PaymentArrived
    | PaymentReversed
    | PlanCompleted
    | ChargeOffConfirmed
)


def on_referral_resolved(event: ReferralResolved, *, at: datetime) -> None:
    """Decide the orders that waited for a data source's review."""
    resolve_referral(decision_id=parse_id("dec", event.decision), outcome=event.outcome, at=at)


def on_deposit_paid(event: DepositPaid, *, at: datetime) -> None:
    """Capture an order whose shop captures automatically, once its deposit is paid."""
    capture_with_deposit(order_id=parse_id(Order.PREFIX, event.reference), at=at)


def on_person_bought(event: OrderAuthorized, *, at: datetime) -> None:
    """Classify the person who bought."""
    classify(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)


def on_person_identified(event: IdentitySettled, *, at: datetime) -> None:
    """Classify a person whose identity check has a result."""
    classify(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)


def on_plan_moved(event: PlanEvent, *, at: datetime) -> None:
    """Classify the person whose plan was paid, became late, or was given up; let go of a hold that the first payment did not use."""
    if isinstance(event, InstallmentsPaid) and 1 in event.installments:
        let_go_once_paid(plan_id=parse_id(Plan.PREFIX, event.plan), at=at)
    classify(consumer_id=Plan.objects.values_list("consumer_id", flat=True).get(pk=parse_id(Plan.PREFIX, event.plan)), at=at)


def watch_order(event: OrderAuthorized | OrderApproved | OrderCaptured | OrderRefunded, *, at: datetime) -> None:
    """Evaluate the rules about money laundering for a person whose order was made, captured or refunded."""
    watch(consumer_id=Order.objects.values_list("consumer_id", flat=True).get(pk=parse_id(Order.PREFIX, event.order)), at=at)


def watch_plan(event: DepositPaid | InstallmentsPaid | PaymentArrived | RefundArrived, *, at: datetime) -> None:
    """Evaluate the rules about money laundering for a person who paid, or whose refund was paid in another way."""
    plan = event.reference if isinstance(event, RefundArrived) else event.plan
    watch(consumer_id=Plan.objects.values_list("consumer_id", flat=True).get(pk=parse_id(Plan.PREFIX, plan)), at=at)


def on_dispute_closed(event: DisputeClosed, *, at: datetime) -> None:
    """Label an order whose charge was taken back for good as fraud."""
    if event.outcome == DisputeStatus.LOST:
        label_dispute(dispute_id=parse_id(Dispute.PREFIX, event.dispute), at=at)


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Delete what rules were told about an erased person, their checkouts, decisions and orders, and what they made of offers."""
    mine = parse_id(Consumer.PREFIX, event.consumer)
    orders, checkouts = (model.objects.filter(consumer_id=mine).values_list("id", flat=True) for model in (Order, Checkout))
    clear_cases(kind=ORDERS, subjects=[public_id(Order.PREFIX, key) for key in orders], at=at)
    clear_cases(kind=OFFERS, subjects=[public_id(Checkout.PREFIX, key) for key in checkouts], at=at)
    # Which rules fit somebody says something about them.
    empty: dict[str, Any] = {"withheld": {}, "ruled": {}, "assessed": {}}
    Checkout.objects.filter(consumer_id=mine).exclude(**empty).update(**empty)
    ShownOffer.objects.filter(checkout__consumer_id=mine).exclude(ruled={}).update(ruled={})
    captures = Capture.objects.filter(order__consumer_id=mine).values_list("id", flat=True)
    clear_cases(kind=FEES, subjects=[public_id(Capture.PREFIX, key) for key in captures], at=at)
    fees = Fee.objects.filter(installment__plan__consumer_id=mine).values_list("id", flat=True)
    clear_cases(kind=PERSON_FEES, subjects=[public_id(Fee.PREFIX, key) for key in fees], at=at)
    rewards = Reward.objects.filter(installment__plan__consumer_id=mine).values_list("id", flat=True)
    clear_cases(kind=EARLY_REWARDS, subjects=[public_id(Reward.PREFIX, key) for key in rewards], at=at)
    decisions = Decision.objects.filter(consumer_id=mine).values_list("id", flat=True)
    for kind in (GRADES, LIMITS, OVERRULES):
        clear_cases(kind=kind, subjects=[public_id(Decision.PREFIX, key) for key in decisions], at=at)
    clear_cases(kind=CUSTOMERS, subjects=[event.consumer], at=at)
