"""A counter-offer on the page of a refusal: a deposit, and the plans for the rest; accepting it leads to the plans."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from checkout import services as checkouts
from checkout.models import Checkout
from checkout.quoting import checkout_quotes, deposit_offered
from core.clock import now
from core.errors import DomainError
from portals.again import ask_again
from portals.checkout.frame import path_of
from portals.checkout.plan.page import plan_option
from portals.checkout.steps import Step, Visit, find_step, open_visit
from portals.doors import page


def counter_offer(visit: Visit, locale: str) -> dict[str, Any] | None:
    """Return the deposit, what is lent, and the plans for it, which are kept as shown; None without a counter-offer or a plan for it."""
    checkout: Checkout = visit.checkout
    deposit = deposit_offered(checkout)
    quotes = checkout_quotes(checkout, visit.at, deposit_minor=deposit) if deposit else []
    if not quotes:
        return None
    checkouts.note_shown(checkout=checkout, quotes=quotes, deposit_minor=deposit, at=visit.at)
    # A plan may ask for more at once than is needed.
    return {
        "deposit": min(quote.deposit_minor for quote in quotes),
        "differ": len({quote.deposit_minor for quote in quotes}) > 1,
        "lent": max(quote.financed_minor for quote in quotes),
        "plans": [plan_option(quote, checkout, locale) for quote in quotes],
        "ships_later": checkout.capture == "manual",
    }


@page("GET", "POST")
def accept(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Accept the counter-offer, and go on to the plans. A second press changes nothing."""
    visit = open_visit(request, checkout_id, now())
    owner = visit.owner
    if owner is None or request.method != "POST" or find_step(visit) is not Step.REFUSED:
        return redirect("checkout", checkout_id)
    try:
        checkouts.accept_counter(checkout_id=visit.checkout.pk, consumer=owner, at=visit.at)
    except DomainError as error:
        return ask_again(request, path_of(visit), error=error)
    return redirect("checkout", checkout_id)
