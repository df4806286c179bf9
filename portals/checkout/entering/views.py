"""The first step: an e-mail address or a number, and the code that was sent there."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import services as accounts
from accounts.models import Consumer
from accounts.rules import find_destination
from checkout import services as checkouts
from core.clock import now
from core.errors import DomainError
from portals import logins, passkeys, sessions
from portals.again import ask_again, find_kept, form_again
from portals.checkout.deciding.views import advance
from portals.checkout.frame import path_of, place_of, show
from portals.checkout.steps import Step, Visit, find_step, open_visit
from portals.contacts import mask
from portals.doors import page
from portals.sign_in import CodeForm, ContactForm, check_code, code_context, send_again, start


@page("GET", "POST")
def contact(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Take the contact and send the code to it; a person whose code was entered a moment ago skips this step."""
    visit = open_visit(request, checkout_id, now())
    if find_step(visit) not in {Step.CONTACT, Step.CODE} or request.method != "POST":
        return redirect("checkout", checkout_id)
    known = bool(request.POST.get("known"))
    if known and visit.consumer is not None and sessions.is_fresh(request, visit.at):
        return _go_on(request, visit, visit.consumer)
    form = ContactForm({"contact": _known_contact(visit)} if known else request.POST)
    market = visit.checkout.merchant.market
    there = path_of(visit)
    on = form.is_valid() and start(
        request, form, there=there, contact=form.cleaned_data["contact"], market=market, at=visit.at, typed=not known
    )
    return on or ask_again(request, there, form=form)


@page("GET", "POST")
def code(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Take the code; the right one signs the consumer in and assigns the checkout to them."""
    visit = open_visit(request, checkout_id, now())
    if find_step(visit) is not Step.CODE or visit.code is None or request.method != "POST":
        return redirect("checkout", checkout_id)
    form = CodeForm(request.POST)
    if not (form.is_valid() and check_code(request, form, visit.code, visit.at)):
        return ask_again(request, path_of(visit), form=form)
    market, brand = visit.checkout.merchant.market, str(visit.checkout.merchant.brand_id)
    consumer = accounts.get_or_create_consumer(
        channel=visit.code.channel,
        destination=visit.code.destination,
        market=market,
        at=visit.at,
        brand=brand,
    )
    sessions.sign_in(request, consumer, visit.at, reference=visit.checkout.public_id)
    logins.link_waiting(request, consumer, visit.code.destination, visit.at)
    return _go_on(request, visit, consumer)


@page("POST")
def options(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Answer with what a browser needs to use a passkey, the same for everybody."""
    visit = open_visit(request, checkout_id, now())
    return passkeys.ask_for_known(request, passkeys.SIGN_IN, visit.at)


@page("GET", "POST")
def by_passkey(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Take the use of a passkey, which signs the person in with one touch, and assign the checkout to them."""
    visit = open_visit(request, checkout_id, now())
    if find_step(visit) not in {Step.CONTACT, Step.CODE} or request.method != "POST":
        return redirect("checkout", checkout_id)
    try:
        consumer = passkeys.consumer_of(request, passkeys.use(request, passkeys.SIGN_IN, visit.at))
    except DomainError as error:
        return ask_again(request, path_of(visit), error=error)
    sessions.sign_in(request, consumer, visit.at, reference=visit.checkout.public_id, how="passkey")
    return _go_on(request, visit, consumer)


@page("GET", "POST")
def resend(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Send another code to the same place."""
    visit = open_visit(request, checkout_id, now())
    if find_step(visit) is not Step.CODE or visit.code is None or request.method != "POST":
        return redirect("checkout", checkout_id)
    error = send_again(request, visit.code, visit.at)
    return ask_again(request, path_of(visit), error=error) if error else redirect("checkout", checkout_id)


@page("GET", "POST")
def forget(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Begin again as another person: the session forgets its consumer and the code."""
    if request.method == "POST":
        sessions.sign_out(request)
    return redirect("checkout", checkout_id)


def _go_on(request: HttpRequest, visit: Visit, consumer: Consumer) -> HttpResponse:
    checkouts.identify(checkout_id=visit.checkout.id, consumer=consumer, at=visit.at)
    advance(request, visit.checkout, consumer, visit.at)
    return redirect("checkout", visit.checkout.public_id)


def _known_contact(visit: Visit) -> str:
    """Return the contact of the person at this browser: their own, otherwise the one that the merchant passed; or an empty text.

    The merchant's contact is used only until somebody has signed in, and only if it can receive a code.
    """
    if visit.consumer is not None:
        return str(visit.consumer.email if visit.consumer.email_hash else visit.consumer.phone)
    told = visit.checkout.customer if visit.checkout.consumer_id is None else {}
    region = visit.checkout.merchant.market_id
    ways = ((channel, str(told.get(name) or "")) for channel, name in (("email", "email"), ("sms", "phone")))
    return next((text for channel, text in ways if find_destination(channel, text, region)), "")


def show_contact(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Render the contact step: one button where the contact is known, else the field."""
    kept = find_kept(request)
    known = "" if kept or request.GET.get("other") else _known_contact(visit)
    context: dict[str, Any] = {"form": form_again(kept, ContactForm), "known": mask(known)}
    # Other companies let no shop frame their pages.
    context["companies"] = [] if visit.opening.mode == "embedded" else logins.offered(request)
    context["query"] = urlencode({"next": path_of(visit)})
    if known and visit.consumer is not None:
        context |= {"person_name": visit.consumer.name, "fresh": sessions.is_fresh(request, visit.at)}
    return show(request, visit, "entering/contact", context, place=place_of(Step.CONTACT))


def show_code(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Render the code step; `?other=1` goes back to the contact step, and so does a refused contact."""
    kept = find_kept(request)
    if visit.code is None or request.GET.get("other") or (kept and kept.errors and {"contact", "known"} & kept.data.keys()):
        return show_contact(request, visit)
    return show(request, visit, "entering/code", code_context(request, visit.code, kept, visit.at), place=place_of(Step.CODE))
