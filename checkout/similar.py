"""Outcomes of orders similar to a held one: same rule, same shop, similar amount."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from checkout.models import OrderReview
from checkout.queries import losses_of
from checkout.states import OrderReviewStatus
from core.money import units_of

NEWEST = 200
"""The most decided orders of a kind that are counted, newest first."""
NEAR = 4
"""An amount is similar if it differs by at most a quarter (1/4)."""


@dataclass(frozen=True, slots=True)
class Similar:
    """Decided orders that are similar to a held one; `bad` of the approved ones became overdue or were given up.

    `link` is the list of all of them.
    """

    title: str
    approved: int
    rejected: int
    bad: int
    link: str


def similar_to(review: OrderReview) -> list[Similar]:
    """Return the outcomes of the newest orders with the same rule, the same shop, a similar amount, and all three.

    Always five queries.
    """
    order, rules = review.order, review.held_by or []
    least, most = order.amount_minor - order.amount_minor // NEAR, order.amount_minor + order.amount_minor // NEAR
    rule, shop = Q(held_by__overlap=rules), Q(merchant=order.merchant_id)
    near = Q(currency=order.currency, amount_minor__gte=least, amount_minor__lte=most)
    by_rule = {"held_by": rules[0]} if rules else {}
    by_shop = {"merchant__id__exact": str(order.merchant_id)}
    by_amount = {f"amount_{side}": str(units_of(minor, order.currency)) for side, minor in (("from", least), ("to", most))}
    asked = (
        (_("The same rule"), rule, by_rule),
        (_("The same shop"), shop, by_shop),
        (_("About the same amount"), near, by_amount),
        (_("All three"), rule & shop & near, by_rule | by_shop | by_amount),
    )
    found = [_decided(review, wanted) for _title, wanted, _link in asked]
    approved = {key for rows in found for key, status in rows if status == OrderReviewStatus.APPROVED}
    lost = losses_of(approved)
    return [
        Similar(
            title=title,
            approved=counts[OrderReviewStatus.APPROVED],
            rejected=counts[OrderReviewStatus.REJECTED],
            bad=sum(key in lost for key, _status in rows),
            link=f"{reverse('admin:checkout_orderreview_changelist')}?{urlencode(link)}",
        )
        for (title, _wanted, link), rows in zip(asked, found, strict=True)
        for counts in [Counter(status for _key, status in rows)]
    ]


def _decided(review: OrderReview, wanted: Q) -> Sequence[tuple[uuid.UUID, str]]:
    ends = (OrderReviewStatus.APPROVED, OrderReviewStatus.REJECTED)
    others = OrderReview.objects.filter(wanted, status__in=ends).exclude(pk=review.pk)
    return list(others.order_by("-pk").values_list("order_id", "status")[:NEWEST])
