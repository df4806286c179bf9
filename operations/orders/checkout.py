"""Content of a checkout's page: what the shop wants to sell, the person's progress, and the outcome."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.known import PLANS
from checkout.models import Checkout
from checkout.queries import find_order_of
from checkout.states import CheckoutStatus
from checkout.texts import cause_text
from core.readable import words
from core.unreadable import Unreadable
from operations.wording import status_of
from plans.models import Product
from plans.texts import product_name

CAPTURES = {
    "manual": gettext_lazy("When the shop ships"),
    "automatic": gettext_lazy("By itself, once the order is approved"),
}


def facts_of(checkout: Checkout) -> dict[str, Any]:
    """Return all parts of a checkout's page, in a constant number of queries."""
    order, items, consumer = find_order_of(checkout), checkout.items, checkout.consumer
    return {
        "checkout": checkout,
        "merchant": checkout.merchant,
        "consumer": consumer,
        "person": (consumer.name or consumer.public_id) if consumer else "",
        "status": status_of(checkout.status),
        "what": _what(checkout),
        "step": words(checkout.reached),
        "captured": CAPTURES.get(checkout.capture, checkout.capture),
        "product": _product(checkout),
        "withheld": [
            (PLANS.get(code, words(code)), cause_text({"code": "rule", "facts": rule})) for code, rule in checkout.withheld.items()
        ],
        "decision": checkout.decision,
        "outcome": status_of(checkout.decision.outcome) if checkout.decision else None,
        "order": order,
        "order_status": status_of(order.status) if order else None,
        "items": items,
        "unreadable": str(items) if isinstance(items, Unreadable) else "",
    }


def _what(checkout: Checkout) -> str:
    """Say what happens to the checkout."""
    told = {
        CheckoutStatus.OPEN: _("The person has not agreed yet. It ends by itself if they do not."),
        CheckoutStatus.COMPLETED: _("The person agreed, and there is an order."),
        CheckoutStatus.EXPIRED: _("The person did not agree in time, or the shop closed it. Nothing was charged."),
        CheckoutStatus.CANCELED: _("The person went back to the shop. Nothing was charged."),
    }
    return told[CheckoutStatus(checkout.status)]


def _product(checkout: Checkout) -> str:
    """Name the product that the person chose; empty if none yet."""
    if not checkout.product_code:
        return ""
    found = Product.objects.filter(code=checkout.product_code, market=checkout.merchant.market_id).order_by("-version").first()
    return product_name(found) if found else words(checkout.product_code)
