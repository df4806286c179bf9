"""Proving who one is by pictures of a document and of oneself, on the profile."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.proofs.links import by_phone, phone_path
from accounts.proofs.queries import find_proof
from accounts.proofs.services import send_proof
from accounts.states import ProofLevel
from brands.queries import brand_of
from core.clock import now
from core.errors import DomainError, NotFound
from portals.again import ask_again, find_kept, form_again
from portals.consumer.frame import Visitor, consumer_page, show
from portals.doors import page
from portals.forms import add_errors
from portals.proofs import ProofForm, code_to_scan, pictures_of, shown_of

LEVEL = ProofLevel.SELFIE.value
LOOK_AGAIN_S = 10


@consumer_page("GET", "POST")
def identity(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what came of the person's pictures, and take new ones."""
    if request.method == "POST":
        form = ProofForm(request.POST, request.FILES, level=LEVEL)
        if not form.is_valid():
            return ask_again(request, form=form)
        told = {"document": form.cleaned_data["document"], "pictures": pictures_of(request)}
        try:
            send_proof(consumer=visitor.consumer, level=LEVEL, at=visitor.at, **told)
        except DomainError as error:
            add_errors(form, error)
            return ask_again(request, form=form)
        messages.success(request, _("Thank you. We look at your pictures, and write to you."))
        return redirect("profile_identity")
    form = form_again(find_kept(request), lambda sent: ProofForm(sent, level=LEVEL))
    context = {"form": form, "proof": shown_of(find_proof(visitor.consumer)), **_by_phone(request, visitor)}
    response = show(request, visitor, "account/identity", "profile", context)
    if context["proof"].get("is_open") or context["code"]:
        response["Refresh"] = str(LOOK_AGAIN_S)
    return response


def _by_phone(request: HttpRequest, visitor: Visitor) -> dict[str, Any]:
    """Return the code that a phone scans, where the person wants to take the pictures with it."""
    if "phone" not in request.GET:
        return {"code": ""}
    return {"code": code_to_scan(request, phone_path(visitor.consumer, level=LEVEL, at=visitor.at))}


@page("GET", "POST")
def identity_by_phone(request: HttpRequest, token: str) -> HttpResponse:
    """Take pictures on a phone without signing in, for the page on which its code was scanned. It shows nothing of the person."""
    at = now()
    found = by_phone(token, at)
    if found.consumer.is_erased or found.consumer.brand_id != brand_of(request).code:
        raise NotFound("There is no such page.")
    is_sent = found.is_sent
    if request.method == "POST" and not (is_sent or found.is_over):
        form = ProofForm(request.POST, request.FILES, level=found.level)
        if not form.is_valid():
            return ask_again(request, form=form)
        told = {"document": form.cleaned_data["document"], "pictures": pictures_of(request), "reference": found.reference}
        try:
            send_proof(consumer=found.consumer, level=found.level, at=at, **told)
        except DomainError as error:
            add_errors(form, error)
            return ask_again(request, form=form)
        return redirect(request.path)
    form = form_again(find_kept(request), lambda sent: ProofForm(sent, level=found.level))
    return render(request, "portals/consumer/account/identity_by_phone.html", {"form": form, "is_sent": is_sent, "is_over": found.is_over})
