"""Handlers of events that change plans."""

import uuid
from datetime import datetime

from accounts.events import ConsumerMoved, RequestOpened
from accounts.models import Consumer
from accounts.queries import get_request
from core.ids import parse_id
from payments.events import ChargeArrived, ChargeDisputed, ChargeReinstated, ChargesSettled, DisputeClosed, MethodEnabled
from payments.failures import NOT_COVERED
from payments.models import Charge
from payments.models.methods import MethodKind
from payments.states import DisputeStatus
from plans.events import InstallmentsPaid, PaymentArrived, PaymentFailed, PaymentReinstated, PaymentReversed
from plans.models import Plan
from plans.queries import find_plan_of
from plans.services import (
    change_time_zone,
    charge_returned,
    collect_again,
    pay_again,
    resume_plan,
    reward_payment,
    settle_charges,
    stop_plan,
    take_arrival,
    wait_in_respite,
    withdraw_plan,
    withdraw_returned,
)


def on_charges_settled(event: ChargesSettled, *, at: datetime) -> None:
    """Let the charges that succeeded pay their installments, in the transaction that records them."""
    if event.succeeded:
        settle_charges(charge_ids=[uuid.UUID(key) for key in event.succeeded], at=at)


def on_charge_arrived(event: ChargeArrived, *, at: datetime) -> None:
    """Let a charge that was made after all pay what is due, in the transaction that records it."""
    take_arrival(charge_id=parse_id(Charge.PREFIX, event.charge), at=at)


def on_consumer_moved(event: ConsumerMoved, *, at: datetime) -> None:
    """Move a consumer's open plans to the time zone where the consumer lives now."""
    change_time_zone(consumer_id=parse_id(Consumer.PREFIX, event.consumer), time_zone=event.time_zone, at=at)


def on_method_enabled(event: MethodEnabled, *, at: datetime) -> None:
    """Resume charging installments that had no chargeable card."""
    collect_again(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)


def on_charge_disputed(event: ChargeDisputed, *, at: datetime) -> None:
    """Stop charging a plan with a disputed payment, in the transaction that records the dispute."""
    stop_plan(plan_id=parse_id(Plan.PREFIX, event.reference), at=at)


def on_dispute_closed(event: DisputeClosed, *, at: datetime) -> None:
    """Resume a plan after a won dispute; after a lost one the plan stays stopped until an operator decides."""
    plan_id = parse_id(Plan.PREFIX, event.reference)
    if event.outcome == DisputeStatus.WON:
        resume_plan(plan_id=plan_id, actor="", at=at)
    else:
        stop_plan(plan_id=plan_id, at=at)


def on_charge_reinstated(event: ChargeReinstated, *, at: datetime) -> None:
    """Let a reinstated charge pay its installments again, in the transaction that records it."""
    pay_again(charge_id=parse_id(Charge.PREFIX, event.charge), amount_minor=event.amount_minor, source=event.source, at=at)


def on_payment_given_back(event: PaymentFailed | PaymentReversed, *, at: datetime) -> None:
    """Charge the agreed fee where a person's bank gave a debit back because the account lacked cover; let it wait in a breathing space."""
    if isinstance(event, PaymentReversed):
        wait_in_respite(plan_id=parse_id(Plan.PREFIX, event.plan), at=at)
    if event.failure == NOT_COVERED and _was_debit(event.charge):
        charge_returned(
            plan_id=parse_id(Plan.PREFIX, event.plan), charge_id=parse_id(Charge.PREFIX, event.charge), numbers=event.installments, at=at
        )


def on_payment_stands(event: PaymentArrived | PaymentReinstated, *, at: datetime) -> None:
    """Withdraw the fee for a returned debit that was paid after all; another debit or a card that pays takes back no fee."""
    if _was_debit(event.charge):
        withdraw_returned(
            plan_id=parse_id(Plan.PREFIX, event.plan), charge_id=parse_id(Charge.PREFIX, event.charge), numbers=event.installments, at=at
        )


def _was_debit(charge: str) -> bool:
    found = Charge.objects.select_related("payment_method").get(pk=parse_id(Charge.PREFIX, charge))
    return found.payment_method.kind == MethodKind.BANK_DEBIT


def on_installments_paid(event: InstallmentsPaid, *, at: datetime) -> None:
    """Give back what an early payment earned."""
    reward_payment(plan_id=parse_id(Plan.PREFIX, event.plan), charge_id=parse_id(Charge.PREFIX, event.charge), at=at)


def on_request_opened(event: RequestOpened, *, at: datetime) -> None:
    """Make everything owed on a plan due on the repayment day of its consumer's withdrawal request, in the same transaction."""
    asked = get_request(event.request)
    plan = find_plan_of(asked.reference) if asked.kind == "withdrawal" else None
    if plan is not None:
        withdraw_plan(plan_id=plan.pk, repay_by=asked.due_date, actor=event.consumer, at=at)
