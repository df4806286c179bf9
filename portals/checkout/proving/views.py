"""Another one-time code, before the credit decision or the order, sent to a contact that the person has confirmed: a phone comes first."""

import uuid
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Consumer, SignInCode
from accounts.rules import is_same_destination
from checkout import services as checkouts
from checkout.queries import get_checkout
from checkout.services.assessing import asking
from core.clock import now
from core.errors import DomainError
from fraud import services as fraud
from fraud.queries import find_asked
from portals import sessions
from portals.again import ask_again, find_kept
from portals.checkout.deciding.views import advance
from portals.checkout.frame import PAY, path_of, place_of, show
from portals.checkout.plan.views import find_quote
from portals.checkout.steps import Step, Visit, find_step, open_visit
from portals.contacts import mask
from portals.doors import page
from portals.sign_in import CodeForm, check_code, code_context, send_code


@dataclass(frozen=True, slots=True)
class _Asked:
    """The person who must enter a code, and what asks for it: the credit decision (no `plan`), or the last click under a plan."""

    owner: Consumer
    assessment: uuid.UUID
    plan: str


@page("GET", "POST")
def prove(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Show where the code is sent, or check it; then the checkout is decided on, or the person presses the consent button again."""
    visit = open_visit(request, checkout_id, now())
    asked = _asked(request, visit)
    if asked is None:
        return redirect("checkout", checkout_id)
    code = _code_for(visit, asked.owner)
    if request.method != "POST":
        return _show(request, visit, asked, code)
    form = CodeForm(request.POST)
    if code is None or not (form.is_valid() and check_code(request, form, code, visit.at)):
        return ask_again(request, prove_path(request, visit), form=form)
    if not asked.plan:
        return _decide(request, visit, asked)
    fraud.prove(assessment_id=asked.assessment, at=visit.at)
    sessions.drop_code(request)
    chosen = {name: request.POST[name] for name in ("plan", "chosen") if request.POST.get(name)}
    return redirect(f"{reverse('checkout_pay', args=[checkout_id])}?{urlencode(chosen)}")


@page("GET", "POST")
def send(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Send the code; a second press at the same moment sends none."""
    visit = open_visit(request, checkout_id, now())
    asked = _asked(request, visit)
    if asked is None or request.method != "POST":
        return redirect("checkout", checkout_id)
    error = send_code(request, contact=_contact_of(asked.owner), market=asked.owner.market, at=visit.at, typed=False)
    there = prove_path(request, visit)
    return ask_again(request, there, error=error) if error else redirect(there)


def show_proof(request: HttpRequest, visit: Visit, owner: Consumer) -> HttpResponse:
    """Render the step at which the credit decision waits for another code."""
    found = asking(visit.checkout)
    assert found is not None
    return _show(request, visit, _Asked(owner, found, ""), _code_for(visit, owner))


def _decide(request: HttpRequest, visit: Visit, asked: _Asked) -> HttpResponse:
    """Decide on the checkout anew, now that its person entered the code."""
    try:
        checkouts.prove_person(checkout_id=visit.checkout.pk, consumer=asked.owner, at=visit.at)
    except DomainError as error:
        return ask_again(request, path_of(visit), error=error)
    sessions.drop_code(request)
    advance(request, get_checkout(visit.checkout.pk), asked.owner, visit.at)
    return redirect("checkout", visit.checkout.public_id)


def prove_path(request: HttpRequest, visit: Visit) -> str:
    """Return the address of the step that takes a code, with the chosen plan and card."""
    return step_path(request, visit, "checkout_prove")


def step_path(request: HttpRequest, visit: Visit, name: str) -> str:
    """Return the address of a step, by its name, with the chosen plan and card."""
    sent = request.POST or request.GET
    chosen = {"plan": sent.get("plan", ""), "chosen": sent.get("card", "") or sent.get("chosen", "")}
    told = urlencode({name: value for name, value in chosen.items() if value})
    path = reverse(name, args=[visit.checkout.public_id])
    return f"{path}?{told}" if told else path


def _asked(request: HttpRequest, visit: Visit) -> _Asked | None:
    """Return what asks this visitor for a code; None if nothing does."""
    owner = visit.owner
    if owner is None:
        return None
    if find_step(visit, figures=False) is Step.PROVE and (waits := asking(visit.checkout)):
        return _Asked(owner, waits, "")
    quote = find_quote(visit, (request.POST or request.GET).get("plan", ""))
    found = find_asked(visit.checkout.public_id, owner) if quote is not None else None
    return _Asked(owner, found.pk, quote.product.code) if quote is not None and found is not None else None


def _contact_of(owner: Consumer) -> str:
    """Return where the code is sent. A phone comes first, so that a stolen mailbox is not enough."""
    return str(owner.phone if owner.phone_hash else owner.email)


def _code_for(visit: Visit, owner: Consumer) -> SignInCode | None:
    """Return the code that was sent for this step, to the person's own contact; codes sent from this browser to others do not count."""
    code = visit.code
    mine = code is not None and is_same_destination(code.channel, _contact_of(owner), code.destination, owner.market_id)
    return code if mine else None


def _show(request: HttpRequest, visit: Visit, asked: _Asked, code: SignInCode | None) -> HttpResponse:
    kept = find_kept(request)
    context = {"plan": asked.plan, "chosen": request.GET.get("chosen", ""), "contact": mask(_contact_of(asked.owner))}
    if code is None:
        context["notice"] = kept.problem.detail if kept and kept.problem else ""
    else:
        context |= code_context(request, code, kept, visit.at)
    place = PAY if asked.plan else place_of(Step.PROVE)
    return show(request, visit, "proving/prove", context | {"sent": code is not None}, place=place)
