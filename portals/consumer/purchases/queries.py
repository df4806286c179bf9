"""Queries of purchases, with a number of statements that does not grow with them."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from accounts.models import Consumer
from checkout.models import Order
from checkout.states import ORDER_CAPTURABLE, OrderStatus
from collection.agencies import names_of_payees
from core.clock import local_date
from core.unreadable import Unreadable, listing
from payments.models import Charge
from payments.models.methods import MethodKind
from payments.queries import smallest_charge
from plans.models import Allocation, Deposit, FeePayment, FreePayment, Installment, Plan, PlanChange
from plans.queries import by_date, find_deposits, list_installments, list_takings
from plans.rules.reopened import owed_again_since
from plans.rules.small import Taking
from plans.states import PLAN_OPEN, InstallmentStatus, PlanStatus
from portals.consumer.paging import PAGE

_UNSEEN = tuple(f"checkout__{name}" for name in ("customer", "metadata", "metadata_before", "urls"))
OPEN = (*PLAN_OPEN, PlanStatus.CHARGED_OFF)
"""Plans of purchases on which something is or may become owed."""
MOST_OPEN = 200
"""The most open purchases that a page reads; nobody has more open at once."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order with its plan, shop and installments; the installments are by date, of all shipments.

    `again` has the day since which installments are owed again, by number: they had been paid, and the bank took the payment back.
    `deposit` is that of the plan, if it has one.
    """

    order: Order
    rows: list[Installment]
    again: Mapping[int, date] = field(default_factory=dict)
    deposit: Deposit | None = None

    @property
    def item(self) -> str:
        """The name of the first item bought; only lists need it."""
        items = self.order.checkout.items
        if isinstance(items, Unreadable):
            return str(items)
        return str(items[0]["name"]) if items else ""

    @property
    def more_items(self) -> int:
        """The number of other items bought with it."""
        items = self.order.checkout.items
        return 0 if isinstance(items, Unreadable) else max(0, len(items) - 1)

    @property
    def is_to_ship(self) -> bool:
        """Whether the order goes ahead, and none of it has been shipped."""
        return bool(self.order.plan.status == PlanStatus.PENDING and self.order.status != OrderStatus.PENDING_REVIEW)

    @property
    def opened(self) -> list[Installment]:
        """The installments with an open amount, by date."""
        return [row for row in self.rows if row.status in Installment.OPEN]

    @property
    def to_charge(self) -> list[Installment]:
        """The open installments that are charged on their dates; one that is too small is charged together with the next one."""
        charged = {taking.numbers[-1] for taking in self.takings}
        return [row for row in self.opened if row.number in charged or (row.charge_id and row.carried_at is None)]

    @property
    def takings(self) -> list[Taking]:
        """The charges to come, by day; an open amount that none of them includes is waived."""
        plan = self.order.plan
        return list_takings(plan, self.rows, least=smallest_charge(plan.payment_method.gateway, plan.currency))

    def taking_of(self, row: Installment) -> Taking | None:
        """The future charge that includes an open installment; None while one is pending, and if too little is open to be charged."""
        return next((taking for taking in self.takings if row.number in taking.numbers), None)

    def again_since(self, row: Installment) -> date | None:
        """Return the day since which an overdue installment is owed again; None if it is late since its own date, or not late."""
        day = self.again.get(row.number) if row.status == InstallmentStatus.OVERDUE else None
        return day if day and day > row.due_date else None

    def asked_minor(self, row: Installment) -> int:
        """The amount charged with this installment: its own open amount, and that of the installments charged together with it."""
        if row.charge_id:
            return sum(one.open_minor for one in self.opened if one.charge_id == row.charge_id)
        taking = self.taking_of(row)
        return taking.amount_minor if taking else row.open_minor

    @property
    def is_stopped(self) -> bool:
        """Whether charging is stopped: a payment of the purchase is disputed, or a person reviews it."""
        return self.order.plan.stopped_at is not None and bool(self.opened)

    @property
    def is_given_up(self) -> bool:
        """Whether charging has ended because payments were late for very long; what is left is still owed."""
        return self.order.plan.is_charged_off and bool(self.opened)

    @property
    def is_sold(self) -> bool:
        """Whether it was sold as a debt and something is left: the person owes it to the buyer."""
        return self.order.plan.sold_at is not None and bool(self.opened)

    @property
    def owes_deposit(self) -> bool:
        """Whether the deposit could not be taken, so that the person has to pay it before the shop ships."""
        declined = self.deposit is not None and self.deposit.state == "declined"
        return declined and self.order.status in ORDER_CAPTURABLE and self.order.plan.stopped_at is None

    @property
    def left_minor(self) -> int:
        """The amount that is still to be paid."""
        return sum(row.open_minor for row in self.opened)


def list_purchases(consumer: Consumer, *, opened: bool | None = None, before: uuid.UUID | None = None, limit: int = PAGE) -> list[Purchase]:
    """Return a consumer's purchases, newest first: all, or only the open or the completed ones; two statements.

    `before` is the key of the last purchase on the previous page.
    """
    related = ("merchant", "checkout", "plan__product", "plan__payment_method")
    mine = Order.objects.filter(consumer=consumer).select_related(*related).defer(*_UNSEEN)
    if opened is not None:
        # Open purchases are found by their plans, because few plans are open. Completed purchases are the majority, and are found as
        # orders.
        mine = mine.filter(plan__consumer=consumer, plan__status__in=OPEN) if opened else mine.exclude(plan__status__in=OPEN)
    if before is not None:
        mine = mine.filter(id__lt=before)
    with listing():
        return with_installments(mine.order_by("-id")[:limit])


def list_open_purchases(consumer: Consumer) -> list[Purchase]:
    """Return the purchases on which something is or may become owed, newest first. Two statements."""
    return list_purchases(consumer, opened=True, limit=MOST_OPEN)


def shops_of(plan_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Return the names of the shops of plans, and what these call the orders, by the plans' keys; one query."""
    found = Order.objects.filter(plan_id__in=plan_ids).values_list("plan_id", "merchant__name", "merchant_reference")
    return {key: (shop, reference) for key, shop, reference in found}


def with_installments(orders: Iterable[Order]) -> list[Purchase]:
    """Return orders with their installments; one statement for all, another if any installment is overdue, and one if any has a deposit."""
    found = list(orders)
    rows = list_installments([order.plan_id for order in found]) if found else {}
    again = _owed_again(order.plan for order in found if any(row.status == InstallmentStatus.OVERDUE for row in rows[order.plan_id]))
    deposits = find_deposits([order.plan_id for order in found if order.plan.deposit_minor])
    return [
        Purchase(order, _shown(order.plan, rows[order.plan_id]), again.get(order.plan_id, {}), deposits.get(order.plan_id))
        for order in found
    ]


def _shown(plan: Plan, rows: Sequence[Installment]) -> list[Installment]:
    """Return a plan's installments by date, without those that smaller ones replaced (`plans.services.make_smaller`)."""
    ended = plan.interest_ended_at
    return by_date(row for row in rows if ended is None or row.status != InstallmentStatus.CANCELED)


def _owed_again(overdue: Iterable[Plan]) -> dict[uuid.UUID, dict[int, date]]:
    """Return, for plans with overdue installments, the days since which installments are owed again."""
    plans = {plan.id: plan for plan in overdue}
    versions: dict[uuid.UUID, list[PlanChange]] = {}
    for version in PlanChange.objects.filter(plan__in=plans, kind="reversed").order_by("id") if plans else ():
        versions.setdefault(version.plan_id, []).append(version)
    return {key: owed_again_since(told, partial(local_date, zone=plans[key].time_zone)) for key, told in versions.items()}


@dataclass(frozen=True, slots=True)
class Paid:
    """The part of an installment that a charge paid, when, and how much of it was refunded or taken back by the bank; minor units.

    Of money on our bank account, or at an agency (`payee`), `day` is when it came, and `at` when we heard of it.
    """

    charge: Charge
    at: datetime
    amount_minor: int
    refunded_minor: int
    undone_minor: int = 0
    day: date | None = None
    payee: str = ""


def list_paid(plan: Plan) -> dict[uuid.UUID, list[Paid]]:
    """Return the payments of each installment of a plan, fees included, by installment, oldest first. Three statements.

    Two more where money came to our bank account or to an agency.
    """
    allocations = list(Allocation.objects.filter(installment__plan=plan).order_by("id"))
    of_fees = list(FeePayment.objects.filter(fee__installment__plan=plan).select_related("fee").order_by("id"))
    charges = _charges({one.charge_id for one in allocations} | {one.charge_id for one in of_fees})
    outside = [key for key, charge in charges.items() if charge.payment_method.kind == MethodKind.TRANSFER]
    days = dict(FreePayment.objects.filter(charge__in=outside).values_list("charge_id", "value_on")) if outside else {}
    payees = names_of_payees(outside) if outside else {}
    found: dict[tuple[uuid.UUID, uuid.UUID], Paid] = {}
    for one in allocations:
        amount, undone = one.principal_minor + one.interest_minor, one.undone_principal_minor + one.undone_interest_minor
        found[one.installment_id, one.charge_id] = Paid(charges[one.charge_id], one.at, amount, one.refunded_minor, undone)
    for fee in of_fees:
        key = (fee.fee.installment_id, fee.charge_id)
        before = found.get(key, Paid(charges[fee.charge_id], fee.at, 0, 0))
        found[key] = replace(
            before,
            amount_minor=before.amount_minor + fee.amount_minor,
            refunded_minor=before.refunded_minor + fee.returned_minor,
            undone_minor=before.undone_minor + fee.undone_minor,
        )
    paid: dict[uuid.UUID, list[Paid]] = {}
    for (installment, _charge), told in sorted(found.items(), key=lambda one: one[1].at):
        if told.amount_minor:
            charge = told.charge.id
            paid.setdefault(installment, []).append(replace(told, day=days.get(charge), payee=payees.get(charge, "")))
    return paid


def _charges(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, Charge]:
    return {charge.id: charge for charge in Charge.objects.filter(id__in=keys).select_related("payment_method")}


def list_plan_changes(plan: Plan) -> list[PlanChange]:
    """Return the versions of a plan's schedule, newest first."""
    return list(PlanChange.objects.filter(plan=plan).order_by("-id"))
