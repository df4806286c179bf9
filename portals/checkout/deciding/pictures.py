"""Pictures of a document, and of the person, where the market asks for them from an amount; the purchase goes on after the answer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import Consumer
from accounts.proofs.levels import level_missing
from accounts.proofs.links import phone_path
from accounts.proofs.queries import find_open_proof, find_proof
from accounts.proofs.services import send_proof
from core.clock import now
from core.errors import DomainError
from portals.again import ask_again, find_kept, form_again
from portals.checkout.frame import path_of, place_of, show
from portals.checkout.steps import Step, Visit, find_step, open_visit
from portals.doors import page
from portals.forms import add_errors
from portals.proofs import ProofForm, code_to_scan, pictures_of, shown_of

LOOK_AGAIN_S = 10


@page("GET", "POST")
def pictures(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Take the pictures that the purchase needs."""
    visit = open_visit(request, checkout_id, now())
    owner = visit.owner
    if owner is None or request.method != "POST" or find_step(visit) is not Step.PICTURES:
        return redirect("checkout", checkout_id)
    level = _level_of(visit, owner)
    form = ProofForm(request.POST, request.FILES, level=level)
    if not form.is_valid():
        return ask_again(request, path_of(visit), form=form)
    told = {"document": form.cleaned_data["document"], "pictures": pictures_of(request), "reference": visit.checkout.public_id}
    try:
        send_proof(consumer=owner, level=level, at=visit.at, **told)
    except DomainError as error:
        add_errors(form, error)
        return ask_again(request, path_of(visit), form=form)
    return redirect("checkout", checkout_id)


def _level_of(visit: Visit, owner: Consumer) -> str:
    return level_missing(owner, visit.checkout.amount_minor, visit.checkout.merchant.market_id, visit.at)


def show_pictures(request: HttpRequest, visit: Visit, owner: Consumer) -> HttpResponse:
    """Render the form with the pictures, or that they are looked at; the page then looks again by itself."""
    level = _level_of(visit, owner)
    context = {
        "form": form_again(find_kept(request), lambda sent: ProofForm(sent, level=level)),
        "proof": shown_of(find_open_proof(owner) or find_proof(owner)),
        "code": "",
    }
    if "phone" in request.GET:
        context["code"] = code_to_scan(request, phone_path(owner, level=level, reference=visit.checkout.public_id, at=visit.at))
    response = show(request, visit, "deciding/pictures", context, place=place_of(Step.PICTURES))
    if context["code"] or find_open_proof(owner) is not None:
        response["Refresh"] = str(LOOK_AGAIN_S)
    return response
