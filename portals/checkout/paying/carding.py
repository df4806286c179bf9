"""The gateway's card page, and the return from it. The page is never shown in a frame: from a frame it opens in a separate window."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from accounts import services as accounts
from accounts.models import Consumer
from core.clock import now
from core.errors import DomainError, NotFound
from payments import services as payments
from payments.models import PaymentMethod
from payments.queries import find_last_setup
from plans.queries import Quote
from portals.again import ask_again
from portals.checkout.frame import PAY, show
from portals.checkout.paying.views import pay_path
from portals.checkout.plan.views import find_quote
from portals.checkout.steps import Visit, open_visit
from portals.checkout.waiting import is_looking, look_again, looks_of, next_look
from portals.doors import SeeOther, page, setup_of
from portals.sessions import asker_of

WINDOW = "card_window"
"""The prefix of the session's key of the page that a checkout opened: several checkouts may wait in the windows of one browser."""


@page("GET", "POST")
def card(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Redirect to the gateway's card page; from a frame, offer to open it in a separate window and wait here."""
    visit = open_visit(request, checkout_id, now())
    found = find_quote(visit, (request.POST or request.GET).get("plan", ""))
    if visit.owner is None or found is None:
        return redirect("checkout", checkout_id)
    embedded = visit.opening.mode == "embedded"
    if request.method != "POST":
        return _wait(request, visit, visit.owner, found) if embedded else redirect("checkout", checkout_id)
    plan = urlencode({"plan": found.product.code})
    back = reverse("checkout_card_done" if embedded else "checkout_card_return", args=[checkout_id])
    try:
        there = payments.start_card_setup(
            consumer=visit.owner,
            return_path=f"{back}?{plan}",
            currency=visit.checkout.currency,
            amount_minor=visit.checkout.amount_minor,
            at=visit.at,
            asker=asker_of(request),
            reference=visit.checkout.public_id,
        )
    except DomainError as error:
        return ask_again(request, pay_path(visit, found), error=error)
    if not embedded:
        return SeeOther(there)
    request.session[f"{WINDOW}:{checkout_id}"] = there
    return redirect(f"{reverse('checkout_card', args=[checkout_id])}?{plan}")


@page("GET")
def card_return(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Handle the return from the card page: ask the gateway whether there is a card, and trust nothing in the address."""
    visit = open_visit(request, checkout_id, now())
    found = find_quote(visit, request.GET.get("plan", ""))
    if visit.owner is None or found is None:
        return redirect("checkout", checkout_id)
    try:
        method = _finish(visit, visit.owner, setup_of(request))
    except DomainError as error:
        return ask_again(request, pay_path(visit, found), error=error)
    return redirect(pay_path(visit, found, **({} if method else {"card": "none"})))


@page("GET")
def card_done(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """End the window that a frame opened for the card page. It has no session: the frame itself asks the gateway for the result."""
    # With its own opener policy, the browser would no longer treat the window as opened by a script, and no script could close it.
    request.has_opener = True  # type: ignore[attr-defined]
    return render(request, "portals/checkout/paying/card_done.html")


def _wait(request: HttpRequest, visit: Visit, owner: Consumer, quote: Quote) -> HttpResponse:
    """Go on as soon as the gateway has a card; until then offer its page, and check again after it was opened, also without JavaScript."""
    window = f"{WINDOW}:{visit.checkout.public_id}"
    there = str(request.session.get(window, ""))
    setup = find_last_setup(owner, visit.checkout.public_id)
    if not there or setup is None:
        return redirect("checkout", visit.checkout.public_id)
    try:
        method = _finish(visit, owner, setup.gateway_ref)
    except DomainError as error:
        return ask_again(request, pay_path(visit, quote), error=error)
    if method is not None:
        del request.session[window]
        return redirect(pay_path(visit, quote))
    looks, here = looks_of(request), f"{request.path}?{urlencode({'plan': quote.product.code})}"
    following = next_look(here, looks)
    context = {"card_page": there, "again": next_look(here, 0), "next": following, "looks": looks, "looking": is_looking(looks)}
    return look_again(show(request, visit, "paying/card", context | {"plan": quote.product.code}, place=PAY), following, looks)


def _finish(visit: Visit, owner: Consumer, setup_id: str) -> PaymentMethod | None:
    """Save the card added during a visit to the card page; None if there is none, or if the visit was another person's."""
    try:
        method = payments.finish_setup(setup_id=setup_id, consumer=owner, at=visit.at)
    except NotFound:
        return None
    if method is not None:
        accounts.note_step(consumer=owner, step="payment_method", at=visit.at)
    return method
