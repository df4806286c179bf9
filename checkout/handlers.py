"""Event handlers of orders."""

from datetime import datetime

from accounts.events import ConsumerErased, IdentitySettled
from accounts.models import Consumer
from checkout.classing import CUSTOMERS
from checkout.events import OrderAuthorized
from checkout.models import Order
from checkout.ruling import ORDERS
from checkout.services import classify, resolve_referral
from controls.services import clear_cases
from core.ids import parse_id, public_id
from credit.events import ReferralResolved
from plans.events import ChargeOffConfirmed, InstallmentOverdue, InstallmentsPaid, PaymentReversed, PlanCompleted
from plans.models import Plan

PlanEvent = InstallmentsPaid | InstallmentOverdue | PaymentReversed | PlanCompleted | ChargeOffConfirmed


def on_referral_resolved(event: ReferralResolved, *, at: datetime) -> None:
    """Decide the orders that waited for a data source's review."""
    resolve_referral(decision_id=parse_id("dec", event.decision), outcome=event.outcome, at=at)


def on_person_bought(event: OrderAuthorized, *, at: datetime) -> None:
    """Classify the person who bought."""
    classify(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)


def on_person_identified(event: IdentitySettled, *, at: datetime) -> None:
    """Classify a person whose identity check has its answer."""
    classify(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)


def on_plan_moved(event: PlanEvent, *, at: datetime) -> None:
    """Classify the person whose plan was paid, is late, or was given up."""
    classify(consumer_id=Plan.objects.values_list("consumer_id", flat=True).get(pk=parse_id(Plan.PREFIX, event.plan)), at=at)


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Drop what rules were told of a person who was erased, and of their orders."""
    orders = Order.objects.filter(consumer_id=parse_id(Consumer.PREFIX, event.consumer)).values_list("id", flat=True)
    clear_cases(kind=ORDERS, subjects=[public_id(Order.PREFIX, key) for key in orders], at=at)
    clear_cases(kind=CUSTOMERS, subjects=[event.consumer], at=at)
