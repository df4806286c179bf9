"""The bank's confirmation of the card (3-D Secure) before the order, where rules about fraud ask for it.

The bank's page is never shown in a frame: from a frame it opens in a separate window, and the frame waits for its answer.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError, NotFound, Unavailable
from core.ids import parse_id
from fraud import services as fraud
from fraud.models import Assessment
from fraud.queries import find_asked, is_card_of
from fraud.states import Verdict
from payments import queries as methods
from payments import services as payments
from payments.gateways.base import CheckState
from payments.models import PaymentMethod
from portals.again import ask_again, find_kept, lead_to
from portals.cards import card_title
from portals.checkout.frame import PAY, show
from portals.checkout.plan.views import find_quote
from portals.checkout.proving.views import step_path
from portals.checkout.steps import Visit, open_visit
from portals.checkout.waiting import is_looking, look_again, looks_of, next_look
from portals.doors import SeeOther, page
from portals.sessions import asker_of


@dataclass(frozen=True, slots=True)
class _Asked:
    """The assessment that asks for the bank, and the chosen card."""

    assessment: Assessment
    method: PaymentMethod


@page("GET", "POST")
def check(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Say that the bank is asked, or go to its page; whoever comes back goes on if the gateway says that the bank confirmed.

    Nothing in the address is trusted. After the bank's confirmation the person presses the button of consent again.
    """
    visit = open_visit(request, checkout_id, now())
    if visit.owner is None or find_quote(visit, (request.POST or request.GET).get("plan", "")) is None:
        return redirect("checkout", checkout_id)
    asked = _asked(request, visit)
    if asked is None:
        return redirect(step_path(request, visit, "checkout_pay"))
    return _go_to_bank(request, visit, asked) if request.method == "POST" else _look(request, visit, asked)


@page("GET")
def check_done(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """End the window that a frame opened for the bank's page. It has no session: the frame itself asks the gateway for the answer."""
    # With its own opener policy, the browser would no longer treat the window as opened by a script, and no script could close it.
    request.has_opener = True  # type: ignore[attr-defined]
    return render(request, "portals/checkout/proving/check_done.html")


def _asked(request: HttpRequest, visit: Visit) -> _Asked | None:
    """Return what is asked for the chosen card of the person, or None where nothing is asked, or no longer."""
    assert visit.owner is not None
    found = find_asked(visit.checkout.public_id, visit.owner, Verdict.CONFIRM)
    if found is None:
        return None
    try:
        chosen = parse_id(PaymentMethod.PREFIX, (request.POST or request.GET).get("chosen", ""))
        method = methods.access_method(visit.owner, chosen)
    except NotFound:
        return None
    return _Asked(found, method) if is_card_of(found, method.known_as) else None


def _go_to_bank(request: HttpRequest, visit: Visit, asked: _Asked) -> HttpResponse:
    here, framed = step_path(request, visit, "checkout_card_check"), visit.opening.mode == "embedded"
    try:
        there = payments.start_card_check(
            method=asked.method,
            reference=visit.checkout.public_id,
            return_path=step_path(request, visit, "checkout_check_done") if framed else here,
            at=visit.at,
            asker=asker_of(request),
        )
    except DomainError as error:
        return ask_again(request, here, error=error)
    return redirect(here) if framed else SeeOther(there)


def _look(request: HttpRequest, visit: Visit, asked: _Asked) -> HttpResponse:
    """Go on as soon as the bank has confirmed; until then say what is known, and in a frame look again."""
    try:
        found = payments.find_card_check(method=asked.method, reference=visit.checkout.public_id, at=visit.at)
    except Unavailable as error:
        return _show(request, visit, asked, error.detail, waits=True)
    if found is None:
        return _show(request, visit, asked)
    if found.state is CheckState.CONFIRMED:
        fraud.prove(assessment_id=asked.assessment.pk, at=visit.at)
        return lead_to(request, step_path(request, visit, "checkout_pay"), card=asked.method.public_id, confirmed="1")
    if found.state is CheckState.REFUSED:
        refused = _("Your bank did not confirm your card. Nothing was charged. Try again, or choose another card.")
        return _show(request, visit, asked, refused, refused=True)
    return _show(request, visit, asked, bank=found.url, waits=True)


def _show(
    request: HttpRequest, visit: Visit, asked: _Asked, notice: str = "", *, bank: str = "", waits: bool = False, refused: bool = False
) -> HttpResponse:
    """Render the page; `waits`: the bank was asked and has not answered, as far as is known. Its page is `bank`."""
    kept, here, looks = find_kept(request), step_path(request, visit, "checkout_card_check"), looks_of(request)
    following = next_look(here, looks)
    framed = visit.opening.mode == "embedded"
    context = {
        "plan": request.GET.get("plan", ""),
        "chosen": asked.method.public_id,
        "card": card_title(asked.method),
        "notice": kept.problem.detail if kept and kept.problem else notice,
        "bank": bank,
        "waits": waits,
        "framed": framed,
        "refused": refused,
        "looks": looks,
        "looking": is_looking(looks),
        "again": next_look(here, 0),
        "next": following,
    }
    response = show(request, visit, "proving/check", context, place=PAY)
    return look_again(response, following, looks) if waits and framed else response
