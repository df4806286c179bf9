"""What a shop is told of a refusal: one coarse code of `DECLINED`, and never a fact about the person."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from accounts.states import Identity
from checkout.models import Checkout, Order, OrderReview
from checkout.states import CHECKOUT_ABANDONED, CheckoutStatus, OrderStatus
from credit.rules import OWN_LIMIT
from merchants.models import Merchant

CREDIT, IDENTITY, AMOUNT, OTHER = DECLINED = ("credit", "identity", "amount", "other")
"""`amount`: a smaller purchase may be approved. `other`: anything that is neither credit, identity nor amount."""
_BY_REASON = {
    "identity_not_verified": IDENTITY,
    "limit_exceeded": AMOUNT,
    "account_restricted": OTHER,
    "not_safe": OTHER,
    "another_code": IDENTITY,
    # A person's own limit is no business of the shop.
    OWN_LIMIT: OTHER,
}
_BY_CAUSE = {"order_limit": AMOUNT, "referred": CREDIT, "figures": CREDIT, "register": CREDIT}

Declined = Mapping[uuid.UUID, str]
"""The coarse codes of declined checkouts or rejected orders, by their keys."""


def code_of(reasons: Iterable[str]) -> str:
    """Return the coarse code of a decision's reason codes; the first that has a code of its own counts, and `credit` is the rest."""
    return next((_BY_REASON[reason] for reason in reasons if reason in _BY_REASON), CREDIT)


def _declined() -> Q:
    """Return the condition of a declined checkout: by the credit decision, or since nobody could say who it is, or proved it."""
    # While a counter-offer stands, the person may still go on.
    waits = Q(status=CheckoutStatus.OPEN, decision__counter_minor__gt=0)
    # Nobody entered the code that the decision waited for.
    unproved = Q(status__in=CHECKOUT_ABANDONED, decision__outcome="step_up")
    return (Q(decision__outcome="decline") & ~waits) | unproved | Q(decision=None, consumer__identity=Identity.REJECTED)


def list_refused(merchant: Merchant) -> QuerySet[Checkout]:
    """Return a shop's declined checkouts that became no order, unordered, without what is encrypted for their people."""
    found = Checkout.objects.filter(_declined(), merchant=merchant).exclude(status=CheckoutStatus.COMPLETED)
    return found.only("merchant_reference", "amount_minor", "currency", "created_at", "status")


def load_declined(checkouts: Collection[Checkout]) -> Declined:
    """Return the coarse codes of those checkouts that were declined: by the credit decision, or since nobody could say who it is.

    One query; none without checkouts.
    """
    found: Iterable[tuple[Any, ...]] = (
        Checkout.objects.filter(_declined(), pk__in=[one.pk for one in checkouts]).values_list("pk", "decision__reasons")
        if checkouts
        else ()
    )
    return {key: IDENTITY if reasons is None else code_of(reasons) for key, reasons in found}


def load_rejected(orders: Collection[Order]) -> Declined:
    """Return the coarse codes of those orders that people rejected, each that of its first cause; one query if there is such an order."""
    keys = [order.pk for order in orders if order.status == OrderStatus.REJECTED]
    found = OrderReview.objects.filter(order__in=keys).values_list("order_id", "causes") if keys else ()
    return {key: next((_BY_CAUSE.get(cause["reason"], OTHER) for cause in causes), OTHER) for key, causes in found}
