"""Plans that may be given up, in words for operators: the open amount, the proposal, the charge-offs."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from accounts.models import User
from checkout.models import Order
from collection.desk import operator_name
from collection.queries import charge_off_days, list_to_give_up
from controls.models import Proposal
from controls.queries import find_open_proposal, open_subjects
from core.clock import local_date
from core.moments import amount_words
from core.readable import words
from plans.guards import BY_DAY, GIVING_UP, RECEIPT, RECEIPT_UNDONE
from plans.models import ChargeOff, Plan, Receipt
from plans.queries import by_date, installments_of, is_long_late, list_charge_offs, list_receipts
from plans.services.giving_up import Owed
from plans.states import PLAN_OWED, ChargeOffStatus, PlanStatus
from plans.texts import product_name

MAY_RECEIVE = "controls.propose_movement"
MAY_PROPOSE, MAY_CONFIRM = "plans.propose_chargeoff", "plans.confirm_chargeoff"


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of the plan, in words."""

    due: date
    status: str
    amount: str
    left: str


@dataclass(frozen=True, slots=True)
class Step:
    """One charge-off of the plan, in words; `by_itself` if the close of a day made it."""

    reason: str
    note: str
    by: str
    at: datetime
    closed_by: str
    closed_at: datetime | None
    confirmed: bool
    by_itself: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """Money received at our bank for the plan, in words; `undone_by` and `undone_at` if it was entered wrongly and taken back."""

    key: uuid.UUID
    amount: str
    on: date
    reference: str
    note: str
    by: str
    and_by: str
    at: datetime
    undone_by: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Loss:
    """A plan that may be given up, with everything that its page shows.

    `since` is the due date of the oldest open payment, and `is_due` whether that day is over. A plan `is_lost` if a payment is at least
    `days` days late (its market's setting): earlier it cannot be proposed to give it up. `proposal` is the URL of the open proposal.
    """

    plan_id: uuid.UUID
    product: str
    has_interest: bool
    amount: str
    principal: str
    interest: str
    fees: str
    since: date | None
    is_due: bool
    days: int
    is_lost: bool
    payments: list[Payment]
    given_up: bool
    is_owed: bool
    collected: bool
    proposal: str
    before: list[Step]
    can_propose: bool
    receipts: list[Entered]
    receipt_proposal: str
    can_receive: bool


def get_loss(plan: Plan, user: User, *, at: datetime) -> Loss:
    """Return a plan with everything that its page shows."""
    rows, currency = by_date(installments_of(plan)), plan.currency
    owed, proposal = Owed.on(rows), find_open_proposal(GIVING_UP, str(plan.id))
    receiving = find_open_proposal(RECEIPT, str(plan.id)) or find_open_proposal(RECEIPT_UNDONE, str(plan.id))
    opened = [row for row in rows if row.open_minor]
    market, today = plan.consumer.market, local_date(at, plan.time_zone)
    days = charge_off_days(market.code, local_date(at, market.time_zone))
    is_lost = is_long_late(plan, rows, days=days, at=at)
    collected = bool(plan.status == PlanStatus.ACTIVE)
    return Loss(
        plan_id=plan.id,
        product=product_name(plan.product),
        has_interest=plan.product.rate_bps > 0,
        amount=amount_words(owed.amount_minor, currency),
        principal=amount_words(owed.principal_minor, currency),
        interest=amount_words(owed.interest_minor, currency),
        fees=amount_words(fees, currency) if (fees := sum(row.open_fees_minor for row in rows)) else "",
        since=opened[0].due_date if opened else None,
        is_due=bool(opened) and opened[0].due_date < today,
        days=days,
        is_lost=is_lost,
        payments=[
            Payment(
                row.due_date,
                words(row.status),
                amount_words(row.amount_minor, currency),
                amount_words(row.open_minor, currency),
            )
            for row in rows
        ],
        given_up=plan.is_charged_off,
        is_owed=plan.status in PLAN_OWED,
        collected=collected,
        proposal=_link(proposal),
        before=[_step(row) for row in list_charge_offs(plan.id)],
        can_propose=proposal is None and collected and is_lost and user.has_perm(MAY_PROPOSE),
        receipts=[_entered(row) for row in list_receipts(plan.id)],
        receipt_proposal=_link(receiving),
        can_receive=receiving is None and user.has_perm(MAY_RECEIVE),
    )


def _link(proposal: Proposal | None) -> str:
    """Return the URL of an open proposal; empty if there is none."""
    return reverse("admin:controls_proposal_change", args=[proposal.pk]) if proposal else ""


def _entered(row: Receipt) -> Entered:
    return Entered(
        key=row.pk,
        amount=amount_words(row.charge.amount_minor, row.charge.currency),
        on=row.received_on,
        reference=row.bank_reference,
        note=row.proposal.reason,
        by=operator_name(row.proposal.proposed_by),
        and_by=operator_name(row.proposal.decided_by),
        at=row.recorded_at,
        undone_by=operator_name(row.undone_by.decided_by) if row.undone_by else "",
        undone_at=row.undone_at,
    )


def _step(row: ChargeOff) -> Step:
    confirmed = bool(row.status == ChargeOffStatus.CONFIRMED)
    return Step(
        reason=row.get_reason_display(),
        note=row.note,
        by=operator_name(row.proposed_by),
        at=row.proposed_at,
        closed_by=operator_name(row.closed_by),
        closed_at=row.closed_at,
        confirmed=confirmed,
        by_itself=row.reason == BY_DAY,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A plan on the work list that is late for long enough to be given up."""

    key: str
    link: str
    name: str
    since: date
    amount: str
    proposed: bool


def list_waiting(*, at: datetime, limit: int) -> list[Waiting]:
    """Return the plans that are late for long enough to be given up, the oldest first."""
    found = list_to_give_up(at=at, limit=limit)
    proposed = open_subjects(GIVING_UP, [str(one.plan_id) for one in found])
    orders = {order.plan_id: order for order in Order.objects.filter(plan_id__in=[one.plan_id for one in found]).select_related("merchant")}
    return [
        Waiting(
            str(one.plan_id),
            reverse("admin:plans_chargeoff_plan", args=[one.plan_id]),
            f"{orders[one.plan_id].merchant_reference}, {orders[one.plan_id].merchant.name}" if one.plan_id in orders else str(one.plan_id),
            one.since,
            amount_words(one.amount_minor, one.currency),
            str(one.plan_id) in proposed,
        )
        for one in found
    ]


def may_see_losses(user: User) -> bool:
    """Return whether an operator's role includes work on plans that may be given up."""
    return any(user.has_perm(may) for may in ("plans.view_chargeoff", MAY_PROPOSE, MAY_CONFIRM))
