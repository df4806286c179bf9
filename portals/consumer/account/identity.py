"""Proving who one is by pictures of a document and of oneself, on the profile."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.proofs.queries import find_proof
from accounts.proofs.services import send_proof
from accounts.states import ProofLevel
from core.errors import DomainError
from portals.again import ask_again, find_kept, form_again
from portals.consumer.frame import Visitor, consumer_page, show
from portals.forms import add_errors
from portals.proofs import ProofForm, pictures_of, shown_of

LEVEL = ProofLevel.SELFIE.value


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
    found = find_proof(visitor.consumer)
    return show(request, visitor, "account/identity", "profile", {"form": form, "proof": shown_of(found)})
