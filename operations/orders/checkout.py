"""Content of a checkout's page: what the shop wants to sell, the person's progress, and the outcome."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.models import Checkout
from checkout.queries import find_order_of
from checkout.states import CheckoutStatus
from checkout.texts import cause_text
from core.moments import percent_words
from core.readable import words
from core.unreadable import Unreadable
from credit.models import Decision
from operations.wording import status_of
from plans.known import PLANS
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
        "offer": offer_of(checkout),
        "decision": checkout.decision,
        "outcome": status_of(checkout.decision.outcome) if checkout.decision else None,
        "order": order,
        "order_status": status_of(order.status) if order else None,
        "items": items,
        "unreadable": str(items) if isinstance(items, Unreadable) else "",
    }


def offer_of(checkout: Checkout) -> dict[str, Any]:
    """Return what rules changed of an offer, and its counter-offer, for `admin/orders/_offer.html`; one query, and one for each plan."""
    ruled = checkout.ruled
    return {
        "withheld": [(PLANS.get(code, words(code)), _rule(rule)) for code, rule in checkout.withheld.items()],
        "offered": [(PLANS.get(code, words(code)), _rule(rule)) for code, rule in ruled.get("offer", {}).items()],
        "deposit": _deposit(checkout),
        "no_counter": _rule(ruled["no_counter"]) if "no_counter" in ruled else "",
        "accepted_minor": checkout.deposit_minor,
        "counter": _counter(checkout),
        "currency": checkout.currency,
    }


def _rule(kept: dict[str, Any]) -> str:
    """Name a rule as stored with what it caused."""
    return cause_text({"code": "rule", "facts": kept})


def _deposit(checkout: Checkout) -> dict[str, str] | None:
    """Return the share of the price that a rule asks for as a deposit, and the rule; None if none does."""
    kept = checkout.ruled.get("deposit")
    return {"share": percent_words(kept["bps"]), "rule": _rule(kept)} if kept else None


def _counter(checkout: Checkout) -> Decision | None:
    """Return the decision that refused the whole amount and made a counter-offer, the newest; None if none did. One query."""
    return Decision.objects.filter(reference=checkout.public_id, counter_minor__gt=0).order_by("-id").first()


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
