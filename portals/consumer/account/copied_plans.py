"""What the copy of a consumer's data has of their purchases, plans and late payments; operators are left out, as everywhere."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Model, QuerySet

from accounts.models import Consumer
from checkout.models import Capture, Checkout, Order, OrderChange, OrderReview, Postponement
from checkout.queries import refunds_by_order
from collection.models import (
    AgencyContact,
    Arrears,
    Call,
    CaseLetter,
    ContactStop,
    JointSettlement,
    LateNeed,
    LateNotice,
    PayLink,
    Placement,
    Promise,
    Reminder,
    Settlement,
)
from notifications.models import PaperLetter
from plans.models import (
    AgencyPayment,
    AreaPause,
    ChargeOff,
    Deposit,
    Fee,
    Forgiven,
    FreePayment,
    GoodsReturn,
    Hardship,
    PlanChange,
    Receipt,
    ReliefOffer,
    ReliefPaper,
    Reward,
    SoldPlan,
    Standstill,
)
from plans.queries import list_installments

INSTALLMENT = (
    "number due_date principal_minor interest_minor fees_minor paid_principal_minor paid_interest_minor refunded_minor status paid_at"
)
OFFERED = "public_id kind days count reason lasts until at closed_at"
RELIEF = "public_id kind days count reason lasts can_pay at"
ORDER = "public_id merchant_reference amount_minor currency status created_at authorized_at captured_minor refunded_minor"
FEE = "public_id kind on wanted_minor amount_minor paid_minor credit_minor status at end_reason ended_at"
REWARD = "public_id days_early paid_minor amount_minor returned_minor on at"

Sorted = dict[uuid.UUID, list[dict[str, Any]]]


def purchases(consumer: Consumer) -> list[dict[str, Any]]:
    """Return the purchases with what became of each and of its plan; some thirty statements, however many there are."""
    orders = list(Order.objects.filter(consumer=consumer).select_related("merchant", "checkout", "plan__product").order_by("id"))
    installments = list_installments([order.plan_id for order in orders]) if orders else {}
    refunds = refunds_by_order([order.pk for order in orders])
    of_orders, of_plans = _of_orders(consumer), _of_plans(consumer)
    return [
        row(order, ORDER)
        | {
            "shop": order.merchant.name,
            "items": order.checkout.items,
            "told_by_shop": order.checkout.customer,
            "noted_by_shop": order.checkout.metadata,
            "plan": order.plan.product.code,
            "apr_bps": order.plan.apr_bps,
            "agreement": order.plan.agreement,
            "installments": rows(installments[order.plan_id], INSTALLMENT),
            "refunds": rows(refunds.get(order.pk, ()), "amount_minor reason at"),
        }
        | {name: found.get(order.pk, []) for name, found in of_orders.items()}
        | {name: found.get(order.plan_id, []) for name, found in of_plans.items()}
        for order in orders
    ]


def baskets(consumer: Consumer) -> list[dict[str, Any]]:
    """Return what the person did not buy in the end: checkouts without an order; one statement."""
    found = Checkout.objects.filter(consumer=consumer, order=None).select_related("merchant").order_by("id")
    return [row(one, "public_id amount_minor currency items status created_at expires_at") | {"shop": one.merchant.name} for one in found]


def _of_orders(consumer: Consumer) -> dict[str, Sorted]:
    """Return what happened to the purchases, each kind by the order's key."""
    mine = {"order__consumer": consumer}
    return {
        "captures": _sorted(Capture.objects.filter(**mine), "order_id", "public_id amount_minor refunded_minor at"),
        "changes": _sorted(OrderChange.objects.filter(**mine), "order_id", "kind amount_minor at"),
        "looked_at_by_people": _sorted(OrderReview.objects.filter(**mine), "order_id", "public_id status decided_at created_at"),
        "postponed_by_shop": _sorted(Postponement.objects.filter(**mine), "order_id", "public_id number open_minor at"),
    }


def _of_plans(consumer: Consumer) -> dict[str, Sorted]:
    """Return what happened to the plans, each kind by the plan's key."""
    mine, of_rows = {"plan__consumer": consumer}, {"installment__plan__consumer": consumer}
    plan = F("installment__plan_id")
    return {
        "schedule_changes": _sorted(PlanChange.objects.filter(**mine), "plan_id", "kind agreement before after at"),
        "fees": _sorted(Fee.objects.filter(**of_rows).annotate(plan_id=plan), "plan_id", FEE),
        "rewards": _sorted(Reward.objects.filter(**of_rows).annotate(plan_id=plan), "plan_id", REWARD),
        "deposits": _sorted(Deposit.objects.filter(**mine), "plan_id", "public_id amount_minor paid_minor paid_at ended_at created_at"),
        "chosen_payments": _sorted(FreePayment.objects.filter(**mine), "plan_id", "order value_on at"),
        "paid_by_transfer": _sorted(Receipt.objects.filter(**mine), "plan_id", "public_id received_on recorded_at undone_at"),
        "paid_to_agency": _sorted(AgencyPayment.objects.filter(**mine), "plan_id", "public_id paid_on recorded_at undone_at"),
        "relief": _sorted(Hardship.objects.filter(**mine), "plan_id", RELIEF),
        "relief_offered": _sorted(ReliefOffer.objects.filter(**mine), "plan_id", OFFERED),
        "new_payment_plans": _sorted(ReliefPaper.objects.filter(**mine), "plan_id", "paper at"),
        "pauses_in_disaster_areas": _sorted(AreaPause.objects.filter(**mine), "plan_id", "public_id days dates at ended_at"),
        "late": _sorted(Arrears.objects.filter(**mine), "plan_id", "since until bucket late_minor"),
        "notices_while_late": _sorted(LateNotice.objects.filter(**mine), "plan_id", "public_id kind since number days law day told_at"),
        "with_an_agency": _sorted(
            Placement.objects.filter(**mine).annotate(name=F("agency__name")),
            "plan_id",
            "public_id name face_minor told_at placed_on recall_cause recalled_at",
        ),
        "given_up": _sorted(
            ChargeOff.objects.filter(**mine), "plan_id", "public_id reason principal_minor interest_minor status proposed_at closed_at"
        ),
        "sold": _sorted(
            SoldPlan.objects.filter(**mine).exclude(sold_at=None).annotate(buyer=F("sale__buyer")),
            "plan_id",
            "public_id buyer face_minor sold_at returned_at return_cause",
        ),
        "forgiven": _sorted(
            Forgiven.objects.filter(**mine), "plan_id", "public_id principal_minor interest_minor fees_minor paper at undone_at"
        ),
    }


def _sorted(found: QuerySet[Any], key: str, names: str) -> Sorted:
    """Return rows by a key, oldest first; one statement."""
    told: Sorted = {}
    for one in found.order_by("pk"):
        told.setdefault(getattr(one, key), []).append(row(one, names))
    return told


def collecting(consumer: Consumer) -> dict[str, Any]:
    """Return what was done about late payments and returns; operators are left out, as everywhere."""
    mine, plans = {"consumer": consumer}, {"plan__consumer": consumer}
    posted = PaperLetter.objects.filter(**mine).select_related("late_notice").order_by("id")
    contacts = AgencyContact.objects.filter(placement__plan__consumer=consumer).select_related("agency").order_by("id")
    promised = "public_id amount_minor pay_on paid_minor status made_at decided_at"
    settled = "public_id open_minor amount_minor parts until status accepted_at paid_minor made_at decided_at"
    joint = "public_id currency open_minor amount_minor parts until made_at"
    return {
        "letters": [
            *rows(CaseLetter.objects.filter(**mine).order_by("id"), "public_id words sent_at"),
            *(row(one, "public_id at printed_at posted_at") | {"notice": one.late_notice.public_id} for one in posted),
        ],
        "calls": rows(Call.objects.filter(**mine).order_by("id"), "public_id begun_at ended_at outcome"),
        "agencies": [row(one, "public_id channel outcome at") | {"agency": one.agency.name} for one in contacts],
        "reminders": [
            *rows(Reminder.objects.filter(**mine).order_by("id"), "public_id since number days tone by day at"),
            *rows(LateNeed.objects.filter(**mine).order_by("id"), "public_id since need day at"),
        ],
        "stopped_channels": rows(ContactStop.objects.filter(**mine).order_by("id"), "public_id channel stopped_at ended_at"),
        "standstills": rows(Standstill.objects.filter(**mine).order_by("id"), "public_id kind until noted_at ended_at"),
        "links_to_pay": rows(PayLink.objects.filter(**mine).order_by("id"), "public_id channel late_minor sent_at opened_at"),
        "promises": rows(Promise.objects.filter(**plans).order_by("id"), promised),
        "settlements": [
            *rows(Settlement.objects.filter(**mine).order_by("id"), settled),
            *rows(JointSettlement.objects.filter(**mine).order_by("id"), joint),
        ],
        "returns": rows(
            GoodsReturn.objects.filter(**plans).order_by("id"), "public_id tracking amount_minor until at ended_at ended_by denial"
        ),
    }


def rows(found: Iterable[Model], names: str) -> list[dict[str, Any]]:
    """Return some fields of rows by their names; `names` has spaces between them."""
    return [row(one, names) for one in found]


def row(one: Model, names: str) -> dict[str, Any]:
    """Return some fields of a row by their names; `names` has spaces between them."""
    return {name: getattr(one, name) for name in names.split()}
