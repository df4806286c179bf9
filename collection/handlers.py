"""Handlers of events that matter to collection."""

import logging
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.events import ConsumerErased, RequestOpened
from accounts.models import Consumer
from accounts.queries import get_request
from accounts.services import assign_behavior
from checkout.events import OrderCaptured
from collection.agency_rules import AGENCIES
from collection.asking import HARDSHIP
from collection.behaving import BEHAVIORS
from collection.contacting import COMPLAINT
from collection.events import ComplaintOpened, LatenessMoved, PromiseDecided, PromiseMade
from collection.models import Placement
from collection.services import settle_paid, take_failures, take_reversal
from collection.services.behaving import judge_account
from collection.services.commissions import correct_direct_share, share_direct_payment
from collection.services.recalling import recall_held, recall_of_people
from collection.tasks import charge_plan
from controls.services import clear_cases
from core.ids import parse_id, public_id
from core.lanes import Lane, Urgency
from core.outbox import Event
from payments.events import ChargeDisputed, ChargeReversed, ChargesSettled
from payments.models import Charge
from plans.events import (
    CollectingStopped,
    InstallmentOverdue,
    InstallmentsPaid,
    PaymentArrived,
    PaymentReinstated,
    PaymentReversed,
    ScheduleChanged,
)
from plans.models import Plan
from plans.queries import get_plan
from plans.rules.hardship import PAUSE, SMALLER
from plans.services import wait_in_respite

log = logging.getLogger("bnpl.collection")
RELIEF = {PAUSE, SMALLER}
PlanMoved = InstallmentOverdue | PaymentReinstated | PaymentReversed | PromiseDecided | PromiseMade | ScheduleChanged


def on_charges_settled(event: ChargesSettled, *, at: datetime) -> None:
    """Handle failed charges in the transaction that records them; must run before plans settle the successful ones."""
    if event.failed:
        take_failures(charge_ids=[uuid.UUID(key) for key in event.failed], settled_ids=[uuid.UUID(key) for key in event.succeeded], at=at)


def on_charge_reversed(event: ChargeReversed, *, at: datetime) -> None:
    """Make the installments of a charge that was taken back for good owed again, in the transaction that records it."""
    take_reversal(
        charge_id=parse_id(Charge.PREFIX, event.charge),
        amount_minor=event.amount_minor,
        failure=event.failure,
        source=event.source,
        at=at,
    )


def on_order_captured(event: OrderCaptured, *, at: datetime) -> None:
    """Start a worker task for the first payment; if the task is lost, the due run charges the payment.

    Where the person has a breathing space, it waits behind that.
    """
    wait_in_respite(plan_id=parse_id(Plan.PREFIX, event.plan), at=at)
    transaction.on_commit(lambda: _wake(event.plan))


def on_payment(event: InstallmentsPaid | PaymentArrived, *, at: datetime) -> None:
    """Let the rest of a plan fall away if that pays all of its settlement; ask rules again about the account of who was late."""
    plan_id = parse_id(Plan.PREFIX, event.plan)
    settle_paid(plan_id=plan_id, at=at)
    consumer_id, behavior = Plan.objects.values_list("consumer_id", "consumer__behavior").get(pk=plan_id)
    if behavior:
        judge_account(consumer_id=consumer_id, at=at)


def on_lateness_moved(event: LatenessMoved, *, at: datetime) -> None:
    """Ask rules about the accounts of a person who is late for longer, or not any more."""
    judge_account(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)


def on_plan_moved(event: PlanMoved, *, at: datetime) -> None:
    """Ask rules about the accounts of a person whose plan became late, was put off, is owed again, or was promised to be paid."""
    plan_id = parse_id(Plan.PREFIX, event.plan)
    judge_account(consumer_id=Plan.objects.values_list("consumer_id", flat=True).get(pk=plan_id), at=at)


def on_payment_again(event: PaymentReinstated, *, at: datetime) -> None:
    """Do so too where the bank paid after all."""
    settle_paid(plan_id=parse_id(Plan.PREFIX, event.plan), at=at, again=True)


def _wake(plan: str) -> None:
    try:
        charge_plan.apply_async(args=[plan], queue=Lane.OUTSIDE, priority=Urgency.URGENT, retry=False)
    except Exception:  # noqa: BLE001  (whatever is wrong with the broker: the timer does it)
        log.warning("the broker does not answer; %s waits for the due run", plan)


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Delete what rules were told about the debts of an erased person, and about their account while it was late."""
    consumer_id = parse_id(Consumer.PREFIX, event.consumer)
    mine = Placement.objects.filter(plan__consumer=consumer_id).values_list("id", flat=True)
    clear_cases(kind=AGENCIES, subjects=[public_id(Placement.PREFIX, key) for key in mine], at=at)
    clear_cases(kind=BEHAVIORS, subjects=[event.consumer], at=at)
    assign_behavior(holder_id=consumer_id, behavior={}, at=at)


def on_complaint_opened(event: ComplaintOpened, *, at: datetime) -> None:
    """Take what an agency has of a person back, since they complained."""
    recall_of_people(consumer_ids=[parse_id(Consumer.PREFIX, event.consumer)], at=at)


def on_request_opened(event: RequestOpened, *, at: datetime) -> None:
    """Take what an agency has of a person back, since they complained or asked for help themselves."""
    if get_request(event.request).kind in {COMPLAINT, HARDSHIP}:
        recall_of_people(consumer_ids=[parse_id(Consumer.PREFIX, event.consumer)], at=at)


def on_collecting_stopped(event: CollectingStopped, *, at: datetime) -> None:
    """Take what an agency has of a person back, since they died or are insolvent."""
    recall_of_people(consumer_ids=[parse_id(Consumer.PREFIX, key) for key in event.consumers], at=at)


def on_schedule_changed(event: ScheduleChanged, *, at: datetime) -> None:
    """Take what an agency has of a person back, since they have relief."""
    if event.kind in RELIEF:
        recall_of_people(consumer_ids=[get_plan(parse_id(Plan.PREFIX, event.plan)).consumer_id], at=at)


def on_charge_disputed(event: ChargeDisputed, *, at: datetime) -> None:
    """Take a plan back from its agency, since a bank looks into a payment of it."""
    if event.reference.startswith(f"{Plan.PREFIX}_"):
        recall_held(plan_ids=[parse_id(Plan.PREFIX, event.reference)], at=at)


def on_paid_while_placed(event: Event, *, at: datetime) -> None:
    """Book the share of the agency that had a plan in what its person paid to us."""
    told = event.payload()
    base = told["amount_minor"] - (told.get("excess_minor") or 0)
    share_direct_payment(**_of(told), base_minor=base, at=at)


def on_payment_turned(event: Event, *, at: datetime) -> None:
    """Correct the share of an agency in a payment that was taken back, or that counts again."""
    told = event.payload()
    sign = 1 if isinstance(event, PaymentReversed) else -1
    minor = told["amount_minor"] - (told.get("excess_minor") or 0)
    correct_direct_share(**_of(told), amount_minor=sign * minor, source=told["source"], at=at)


def _of(told: dict[str, Any]) -> dict[str, uuid.UUID]:
    return {"charge_id": parse_id(Charge.PREFIX, told["charge"]), "plan_id": parse_id(Plan.PREFIX, told["plan"])}
