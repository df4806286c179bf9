"""The bank's confirmation of the card (3-D Secure) before the order, where rules about fraud ask for it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError, NotFound
from core.ids import parse_id
from fraud import services as fraud
from fraud.models import Assessment
from fraud.queries import find_asked, is_card_of
from fraud.states import Verdict
from payments import queries as methods
from payments import services as payments
from payments.models import PaymentMethod
from portals.again import ask_again, find_kept
from portals.cards import card_title
from portals.checkout.frame import PAY, show
from portals.checkout.plan.views import find_quote
from portals.checkout.proving.views import step_path
from portals.checkout.steps import Visit, open_visit
from portals.doors import SeeOther, page
from portals.sessions import asker_of

BANK_PAGE = "bank_page"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The assessment that asks for the bank, and the chosen card."""

    assessment: Assessment
    method: PaymentMethod


@page("GET", "POST")
def check(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Say that the bank is asked, or go to its page; from a frame, offer to open it in a separate window and wait here."""
    visit = open_visit(request, checkout_id, now())
    asked = _asked(request, visit)
    if asked is None:
        return redirect("checkout", checkout_id)
    here, embedded = step_path(request, visit, "checkout_card_check"), visit.opening.mode == "embedded"
    if request.method != "POST":
        return _show(request, visit, asked, request.session.get(BANK_PAGE, "") if embedded else "")
    back = step_path(request, visit, "checkout_card_done" if embedded else "checkout_card_checked")
    try:
        there = payments.start_card_check(method=asked.method, return_path=back, at=visit.at, asker=asker_of(request))
    except DomainError as error:
        return ask_again(request, here, error=error)
    if not embedded:
        return SeeOther(there)
    request.session[BANK_PAGE] = there
    return redirect(here)


@page("GET")
def checked(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Ask the gateway whether the bank confirmed, and trust nothing in the address; then the person presses the button of consent again."""
    visit = open_visit(request, checkout_id, now())
    asked = _asked(request, visit)
    if asked is None:
        return redirect("checkout", checkout_id)
    try:
        if not payments.is_confirmed(method=asked.method, since=asked.assessment.at, at=visit.at):
            raise Conflict(_("Your bank did not confirm your card. Nothing was charged. Try again, or go back and choose another card."))
    except DomainError as error:
        return ask_again(request, step_path(request, visit, "checkout_card_check"), error=error)
    request.session.pop(BANK_PAGE, None)
    fraud.prove(assessment_id=asked.assessment.pk, at=visit.at)
    return redirect(step_path(request, visit, "checkout_pay"))


def _asked(request: HttpRequest, visit: Visit) -> _Asked | None:
    """Return what is asked for the chosen card of the person, or None where nothing is asked, or no longer."""
    sent = request.POST or request.GET
    if visit.owner is None or find_quote(visit, sent.get("plan", "")) is None:
        return None
    found = find_asked(visit.checkout.public_id, visit.owner, Verdict.CONFIRM)
    if found is None:
        return None
    try:
        method = methods.access_method(visit.owner, parse_id(PaymentMethod.PREFIX, sent.get("chosen", "")))
    except NotFound:
        return None
    return _Asked(found, method) if is_card_of(found, method.known_as) else None


def _show(request: HttpRequest, visit: Visit, asked: _Asked, bank: str) -> HttpResponse:
    kept = find_kept(request)
    context = {"plan": request.GET.get("plan", ""), "chosen": asked.method.public_id, "card": card_title(asked.method), "bank": bank}
    context |= {"notice": kept.problem.detail if kept and kept.problem else "", "done": step_path(request, visit, "checkout_card_checked")}
    return show(request, visit, "proving/check", context, place=PAY)
