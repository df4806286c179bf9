"""The second step: ask for missing details, then check the identity and decide."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from accounts import queries as people
from accounts import services as accounts
from accounts.models import Consumer
from accounts.states import Identity
from checkout import services as checkouts
from checkout.errors import PicturesNeeded
from checkout.models import Checkout
from core.clock import local_date, now
from core.errors import DomainError, Unavailable
from credit.errors import FiguresNeeded, IdentityPending
from portals.again import ask_again, find_kept, form_again
from portals.checkout.deciding.forms import DetailsForm, known_of, wanted_of
from portals.checkout.frame import path_of, place_of, show
from portals.checkout.steps import Step, Visit, find_step, open_visit
from portals.doors import page
from portals.forms import add_errors
from portals.sessions import buyer_of


def advance(request: HttpRequest, checkout: Checkout, consumer: Consumer, at: datetime, *, seen: Checkout | None = None) -> bool:
    """Check the identity and decide, as far as the data is complete; return False if a source does not answer, which loses nothing.

    Nothing is decided while income and costs have to be asked first. `seen` is the checkout if nothing of it has changed since it was read.
    """
    try:
        if consumer.identity in {Identity.UNKNOWN, Identity.REJECTED} and not people.missing_details(consumer):
            consumer = accounts.check_identity(consumer=consumer, at=at, actor=consumer.public_id)
        if consumer.identity == Identity.VERIFIED:
            checkouts.decide(checkout_id=checkout.id, seen=seen, at=at, **buyer_of(request))
    except (Unavailable, IdentityPending):
        return False
    except (FiguresNeeded, PicturesNeeded):
        return True
    return True


@page("GET", "POST")
def details(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Take the missing details; a person whose identity could not be confirmed may correct their details."""
    visit = open_visit(request, checkout_id, now())
    owner, step = visit.owner, find_step(visit)
    again = owner is not None and step is Step.REFUSED and owner.identity == Identity.REJECTED
    if owner is None or not (step is Step.DETAILS or again):
        return redirect("checkout", checkout_id)
    if request.method != "POST":
        return show_details(request, visit, owner, again=again)
    form = DetailsForm(request.POST, wanted=wanted_of(owner, again=again), **_known(visit, owner))
    if not form.is_valid():
        return ask_again(request, form=form)
    try:
        told = accounts.update_details(consumer=owner, **form.details(), at=visit.at, actor=owner.public_id)
    except DomainError as error:
        add_errors(form, error)
        return ask_again(request, form=form)
    _note_told(told, visit)
    advance(request, visit.checkout, told, visit.at)
    return redirect("checkout", checkout_id)


def _note_told(consumer: Consumer, visit: Visit) -> None:
    """Record that the person read that a credit bureau is asked (in `details.html` and `check.html`) and went on."""
    accounts.note_inquiry_told(consumer=consumer, language=get_language() or "", reference=visit.checkout.public_id, at=visit.at)


@page("GET", "POST")
def proceed(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Check and decide again after a source did not answer or the purchase changed."""
    visit = open_visit(request, checkout_id, now())
    owner = visit.owner
    # Whether figures have to be asked first is found out by deciding.
    if owner is None or request.method != "POST" or find_step(visit, figures=False) is not Step.CHECK:
        return redirect("checkout", checkout_id)
    if not people.knows_of_inquiry(owner.pk):
        _note_told(owner, visit)
    if advance(request, visit.checkout, owner, visit.at, seen=visit.checkout):
        return redirect("checkout", checkout_id)
    return ask_again(request, path_of(visit), error=Unavailable("One of the services that we ask does not answer."))


def show_check(request: HttpRequest, visit: Visit, _owner: Consumer) -> HttpResponse:
    """Render the step that checks and decides; the page says if a source did not answer."""
    return show(request, visit, "deciding/check", {"failed": find_kept(request) is not None}, place=place_of(Step.CHECK))


def show_details(request: HttpRequest, visit: Visit, owner: Consumer, *, again: bool = False) -> HttpResponse:
    """Render the form for the missing details."""
    wanted = wanted_of(owner, again=again)
    form = form_again(find_kept(request), lambda sent: DetailsForm(sent, wanted=wanted, **_known(visit, owner)))
    return show(request, visit, "deciding/details", {"form": form, "again": again}, place=place_of(Step.DETAILS))


def _known(visit: Visit, owner: Consumer) -> dict[str, Any]:
    """Return the form's initial values, and the market whose address fields it shows."""
    market, day = owner.market, local_date(visit.at, owner.time_zone)
    return {"initial": known_of(owner, visit.checkout), "market": market, "regions": people.list_regions(market, day)}
