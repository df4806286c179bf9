"""The checkout's own address, which shows the current step; and leaving the checkout."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure

from accounts import queries as people
from accounts.models import Consumer
from checkout import services as checkouts
from checkout.journeys import STEPS
from core.clock import local_date, now
from core.errors import NotFound
from core.locales import page_locale
from credit.adverse import told_reasons
from credit.deciders import who_decided
from credit.models import Decision
from credit.reasons import sentences
from credit.rules import OWN_LIMIT
from credit.services import bank_help
from notifications.refusals import refusal_notice
from portals.again import PARAM, find_kept
from portals.agents import device_class
from portals.checkout.deciding.countering import counter_offer
from portals.checkout.deciding.figures import may_correct, show_figures
from portals.checkout.deciding.pictures import show_pictures
from portals.checkout.deciding.views import show_check, show_details
from portals.checkout.entering.views import show_code, show_contact
from portals.checkout.frame import place_of, show, web_address
from portals.checkout.opening import is_framed
from portals.checkout.paying.views import show_done
from portals.checkout.plan.views import show_plans
from portals.checkout.proving.views import show_proof
from portals.checkout.steps import Step, Visit, find_step, open_visit
from portals.doors import SeeOther, page
from portals.refusals import helps_of

LOOK_AGAIN_S = 10
"""A page that waits for an outside provider reloads after this many seconds, also without JavaScript."""


@page("GET")
def checkout(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Show the step that the checkout is at."""
    visit = open_visit(request, checkout_id, now())
    step, owner = find_step(visit), visit.owner
    if step.value in STEPS:
        _note(request, visit, step)
    if owner is not None and step in _OWN:
        return _OWN[step](request, visit, owner)
    if step is Step.CONTACT:
        return show_contact(request, visit)
    if step is Step.CODE:
        return show_code(request, visit)
    tell = {"tell": "cancel"} if step is Step.CANCELED else {}
    return show(request, visit, "closed", {"closed": _closed(step), **tell}, status=200 if step is Step.COMPLETED else 410)


def _note(request: HttpRequest, visit: Visit, step: Step) -> None:
    """Note for the funnel which page is shown, and with what error; an error is its code, or the name of the field."""
    kept = find_kept(request)
    error = (kept.problem.code if kept.problem else next(iter(kept.errors), "")) if kept else ""
    checkouts.note_reached(
        checkout=visit.checkout,
        step=step.value,
        device=device_class(request),
        opening=visit.opening.mode,
        at=visit.at,
        error=error,
        again=request.GET.get(PARAM, "") if kept else "",
    )


@dataclass(frozen=True, slots=True)
class Closed:
    """The words of the page of a checkout that has ended; with `to_account` it links to the sign-in instead of the shop."""

    icon: str
    title: str
    text: str
    to_account: bool = False


def _closed(step: Step) -> Closed:
    if step is Step.COMPLETED:
        text = _("It became a purchase. If it is yours, sign in to see it and all its payments.")
        return Closed("check", _("This checkout is completed"), text, to_account=True)
    if step is Step.CANCELED:
        return Closed("x-mark", _("This checkout was canceled"), _("Nothing was charged. You can start again from the shop."))
    text = _("It was open for 48 hours, or the shop closed it. Nothing was charged. Start again from the shop.")
    return Closed("clock", _("This checkout has expired"), text)


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its CSRF token; in a shop's frame without cookies, link to the checkout on a page of its own."""
    found = re.match(r"/checkout/(chk_\w+)/", request.path)
    if found is None or not is_framed(request):
        return csrf_failure(request, reason)
    try:
        visit = open_visit(request, found[1], now())
    except NotFound:
        return csrf_failure(request, reason)
    return show(request, visit, "alone", status=403)


@page("GET", "POST")
def leave(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Go back to the shop for good: a refused checkout is closed, so that the shop is told at once.

    A plain link back to the shop closes nothing: a person who changes their mind can return to the same checkout for 48 hours.
    """
    visit = open_visit(request, checkout_id, now())
    if request.method != "POST":
        return redirect("checkout", checkout_id)
    if visit.owner is not None and find_step(visit) in {Step.REFUSED, Step.PROVE, Step.PLAN}:
        checkouts.cancel_checkout(checkout_id=visit.checkout.id, at=visit.at)
    there = web_address(visit.checkout.urls.get("cancel", ""))
    # If the shop's page is still open behind a pop-up or a frame, the page of the closed checkout tells it.
    return SeeOther(there) if there and visit.opening.is_page else redirect("checkout", checkout_id)


def _show_wait(request: HttpRequest, visit: Visit, _owner: Consumer) -> HttpResponse:
    response = show(request, visit, "deciding/wait", place=place_of(Step.WAIT))
    response["Refresh"] = str(LOOK_AGAIN_S)
    return response


def _show_refused(request: HttpRequest, visit: Visit, owner: Consumer) -> HttpResponse:
    decision = visit.checkout.decision
    if decision is None:
        return show(request, visit, "deciding/refused", {"kind": "identity"} | refusal_notice(owner, None, visit.at))
    reasons = sentences(told_reasons(decision.reasons, owner.market_id, local_date(decision.at, owner.time_zone)))
    facts: dict[str, Any] = {"main": reasons[0] if reasons else "", "more": reasons[1:], "left": _left_of(decision)}
    if OWN_LIMIT in decision.reasons:
        return show(
            request,
            visit,
            "deciding/refused",
            {"kind": "own", "currency": decision.currency, "stopped": decision.inputs.get("own_minor") == 0, **facts},
        )
    facts |= {"helps": helps_of(decision), "counter": counter_offer(visit, page_locale(owner.locale))}
    facts["correct"] = may_correct(decision)
    facts["bank"] = bank_help(decision=decision, consumer=owner, at=visit.at)
    if waiting := people.find_open_request(owner, "review", visit.checkout.public_id):
        facts["asked"] = {"path": reverse("request", args=[waiting.public_id]), "due": waiting.due_date}
    kept = find_kept(request)
    facts["error"] = kept.lasting_problem if kept else None
    facts["kept"] = reverse("refusal_pdf", args=[decision.public_id])
    return show(
        request,
        visit,
        "deciding/refused",
        {"kind": "credit", "currency": decision.currency, "decided": who_decided(decision, owner), **facts}
        | refusal_notice(owner, decision, decision.at),
    )


def _left_of(decision: Decision) -> int | None:
    """Return how much of the limit was left, in minor units, if that is the reason for the refusal."""
    if OWN_LIMIT in decision.reasons:
        return max(0, int(decision.inputs["own_minor"] - decision.inputs["used_minor"]))
    return decision.limit_minor - decision.inputs["used_minor"] if "limit_exceeded" in decision.reasons else None


_OWN: dict[Step, Callable[[HttpRequest, Visit, Consumer], HttpResponse]] = {
    Step.DETAILS: show_details,
    Step.PICTURES: show_pictures,
    Step.FIGURES: show_figures,
    Step.CHECK: show_check,
    Step.WAIT: _show_wait,
    Step.PROVE: show_proof,
    Step.REFUSED: _show_refused,
    Step.PLAN: show_plans,
    Step.DONE: show_done,
}
"""The pages that only the checkout's own consumer sees; they come with the signed-in session."""
