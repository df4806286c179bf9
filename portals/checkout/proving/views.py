"""Another one-time code before the order, sent to a contact that the person has confirmed: a phone number if there is one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Consumer, SignInCode
from accounts.rules import is_same_destination
from core.clock import now
from fraud import services as fraud
from fraud.models import Assessment
from fraud.queries import find_asked
from plans.queries import Quote
from portals import sessions
from portals.again import ask_again, find_kept
from portals.checkout.frame import PAY, show
from portals.checkout.plan.views import find_quote
from portals.checkout.steps import Visit, open_visit
from portals.contacts import mask
from portals.doors import page
from portals.sign_in import CodeForm, check_code, code_context, send_code


@page("GET", "POST")
def prove(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Show where the code is sent, or check it; after that the person presses the consent button again."""
    visit = open_visit(request, checkout_id, now())
    owner, quote, asked = _asked(request, visit)
    if owner is None or quote is None or asked is None:
        return redirect("checkout", checkout_id)
    code = _code_for(visit, owner)
    if request.method != "POST":
        return _show(request, visit, owner, quote, code)
    form = CodeForm(request.POST)
    if code is None or not (form.is_valid() and check_code(request, form, code, visit.at)):
        return ask_again(request, prove_path(request, visit), form=form)
    fraud.prove(assessment_id=asked.pk, at=visit.at)
    sessions.drop_code(request)
    chosen = {name: request.POST[name] for name in ("plan", "chosen") if request.POST.get(name)}
    return redirect(f"{reverse('checkout_pay', args=[checkout_id])}?{urlencode(chosen)}")


@page("GET", "POST")
def send(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Send the code; a second press at the same moment sends none."""
    visit = open_visit(request, checkout_id, now())
    owner, quote, asked = _asked(request, visit)
    if owner is None or quote is None or asked is None or request.method != "POST":
        return redirect("checkout", checkout_id)
    error = send_code(request, contact=_contact_of(owner), market=owner.market, at=visit.at, typed=False)
    there = prove_path(request, visit)
    return ask_again(request, there, error=error) if error else redirect(there)


def prove_path(request: HttpRequest, visit: Visit) -> str:
    """Return the address of the step that takes a code, with the chosen plan and card."""
    return step_path(request, visit, "checkout_prove")


def step_path(request: HttpRequest, visit: Visit, name: str) -> str:
    """Return the address of a step, by its name, with the chosen plan and card."""
    sent = request.POST or request.GET
    chosen = {"plan": sent.get("plan", ""), "chosen": sent.get("card", "") or sent.get("chosen", "")}
    told = urlencode({name: value for name, value in chosen.items() if value})
    return f"{reverse(name, args=[visit.checkout.public_id])}?{told}"


def _asked(request: HttpRequest, visit: Visit) -> tuple[Consumer | None, Quote | None, Assessment | None]:
    """Return the consumer who must enter a code, the chosen plan, and the assessment that requires it; None if no code is required."""
    quote = find_quote(visit, (request.POST or request.GET).get("plan", ""))
    asked = find_asked(visit.checkout.public_id, visit.owner) if visit.owner is not None and quote is not None else None
    return visit.owner, quote, asked


def _contact_of(owner: Consumer) -> str:
    """Return where the code is sent. A phone comes first, so that a stolen mailbox is not enough."""
    return str(owner.phone if owner.phone_hash else owner.email)


def _code_for(visit: Visit, owner: Consumer) -> SignInCode | None:
    """Return the code that was sent for this step, to the person's own contact; codes sent from this browser to others do not count."""
    code = visit.code
    mine = code is not None and is_same_destination(code.channel, _contact_of(owner), code.destination, owner.market_id)
    return code if mine else None


def _show(request: HttpRequest, visit: Visit, owner: Consumer, quote: Quote, code: SignInCode | None) -> HttpResponse:
    kept = find_kept(request)
    context = {"plan": quote.product.code, "chosen": request.GET.get("chosen", ""), "contact": mask(_contact_of(owner))}
    if code is None:
        context["notice"] = kept.problem.detail if kept and kept.problem else ""
    else:
        context |= code_context(request, code, kept, visit.at)
    return show(request, visit, "proving/prove", context | {"sent": code is not None}, place=PAY)
