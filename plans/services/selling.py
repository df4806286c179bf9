"""Sell plans that were given up, and pass on what comes for them.

A sold plan stays given up, with its open installments: they say what the buyer bought. Its loss stays in the books, and what the sale
brought stands against it (`ledger.sales`). The person no longer pays it to us; what comes for it all the same is the buyer's.
"""

import uuid
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from controls.models import Proposal
from core.db import unit, wait_lock
from core.errors import Conflict
from core.outbox import append_all
from ledger import sales
from payments.queries import list_being_disputed
from plans.events import DebtTransferred
from plans.models import BuyerPayment, DebtSale, Installment, Plan, SoldPlan
from plans.queries import lock_plans, lock_sale
from plans.sales import Parts, digest_of, find_sold, open_parts_of
from plans.standstill import standing_still
from plans.states import PlanStatus

LIST_CHANGED = gettext_noop("What is owed of these plans changed since they were listed. Make the list anew.")


def sell(*, sale_id: uuid.UUID, digest: str, proposal: Proposal, at: datetime) -> DebtSale:
    """Sell all plans of a list, by an approved proposal, for the prices that both people saw; publish each.

    Conflict if it is sold already, if a plan of it was paid, sold, is being settled for less or is not given up any more, or if collecting
    stands still for a person: then nothing is sold.
    """
    with unit():
        sale = lock_sale(sale_id)
        if sale.sold_at is not None:
            raise Conflict("This is sold already.", code="plans.sold_already")
        listed = list(sale.plans.order_by("plan_id"))
        plans = lock_plans([one.plan_id for one in listed])
        opened = open_parts_of([plan.id for plan in plans])
        whole = all(plan.status == PlanStatus.CHARGED_OFF and plan.sold_at is None and plan.settling_until is None for plan in plans)
        whole = whole and not list_being_disputed([plan.public_id for plan in plans])
        whole = whole and not standing_still({plan.consumer_id for plan in plans})
        whole = whole and not Installment.objects.filter(plan__in=plans, charge_id__isnull=False).exists()
        if (
            not whole
            or digest != digest_of(listed)
            or any(one.plan_id not in opened or opened[one.plan_id].total_minor != one.face_minor for one in listed)
        ):
            raise Conflict(LIST_CHANGED, code="plans.something_else")
        sale.proposal, sale.sold_at = proposal, at
        sale.save(update_fields=["proposal", "sold_at"])
        SoldPlan.objects.filter(sale=sale).update(sold_at=at)
        Plan.objects.filter(id__in=[plan.id for plan in plans]).update(sold_at=at)
        sales.debts_sold(sales.SalePosting(one.public_id, sale.public_id, sale.currency, one.price_minor, at) for one in listed)
        named = {plan.id: plan for plan in plans}
        append_all([_told(named[one.plan_id], one, sale, opened[one.plan_id]) for one in listed], at=at)
    return sale


def _told(plan: Plan, one: SoldPlan, sale: DebtSale, parts: Parts) -> DebtTransferred:
    told: dict[str, Any] = {"sold": one.public_id, "buyer": sale.buyer, "contact": sale.contact}
    minors: dict[str, Any] = {
        "amount_minor": one.face_minor,
        "interest_minor": parts.interest_minor,
        "fees_minor": parts.fees_minor,
        "itemized": True,
    }
    return DebtTransferred(plan=plan.public_id, reference=plan.reference, **minors, **told)


def record_buyer_payment(*, sale_id: uuid.UUID, amount_minor: int, bank_reference: str, proposal: Proposal, at: datetime) -> BuyerPayment:
    """Record money between a buyer and us, by an approved proposal: from the buyer above zero, to the buyer below.

    Conflict if the bank's reference counts already, or if the list is not sold.
    """
    with unit():
        sale = lock_sale(sale_id)
        if sale.sold_at is None:
            raise Conflict("This is not sold yet.", code="plans.not_sold")
        wait_lock(f"buyer payment {bank_reference}")
        if BuyerPayment.objects.filter(bank_reference=bank_reference).exists():
            raise Conflict("The bank's payment of this name is recorded already.", code="plans.recorded_already")
        made = BuyerPayment.objects.create(sale=sale, amount_minor=amount_minor, bank_reference=bank_reference, proposal=proposal, at=at)
        sales.buyers_paid([sales.SalePosting(made.public_id, sale.public_id, sale.currency, amount_minor, at)])
    return made


def pass_on(*, plan: Plan, amount_minor: int, source: str, at: datetime, came: datetime | None = None) -> None:
    """Owe the buyer what came for a locked plan that is sold, or, below zero, no more what was taken back of it; nothing for others.

    Money that first `came` before the sale is ours alone, taken back or returned again. No more than was sold is passed on, and no more is
    undone than was passed on.
    """
    one = find_sold(plan.id) if plan.sold_at else None
    if one is None or (came is not None and one.sold_at is not None and came < one.sold_at):
        return
    minor = max(min(amount_minor, one.face_minor - one.passed_minor), -one.passed_minor)
    if not minor:
        return
    one.passed_minor += minor
    one.save(update_fields=["passed_minor"])
    told = sales.SalePosting(source, one.sale.public_id, plan.currency, abs(minor), at)
    if minor > 0:
        sales.debts_passed_on([told])
    else:
        sales.debts_kept([told])
