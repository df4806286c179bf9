"""Changing the e-mail address or number that signs the person in, and undoing it: on their own page, and by the link of a letter.

Only who has just shown who they are may ask for it. Until the new contact has shown by a code that it is theirs, nothing here tells whether
it has an account.
"""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.contacts.links import change_of_link
from accounts.contacts.models import ContactChange
from accounts.contacts.queries import find_waiting
from accounts.contacts.services import ask_change, undo_change, waits
from accounts.models import SignInCode
from accounts.queries import get_code
from brands.queries import brand_of
from core.clock import now
from core.errors import Conflict, DomainError, NotFound
from portals import sessions
from portals.again import ask_again, find_kept, form_again
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.security.confirming import confirmed_page
from portals.contacts import mask
from portals.doors import page
from portals.sign_in import CodeForm, ContactForm, check_code, code_context, send_again, start

NEW = "new_contact"
"""In the session: the code that was sent to a new contact. A code that was sent for anything else changes nothing."""


class NewContactForm(ContactForm):
    """The new contact."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for a new one."""
        super().__init__(*args, **kwargs)
        self.fields["contact"].label = gettext_lazy("New e-mail or mobile number")


@confirmed_page("security_contact", methods=("GET", "POST"))
def contact(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for the new contact, and send a code to it."""
    consumer = visitor.consumer
    waiting = find_waiting(consumer)
    if request.method != "POST":
        return redirect("security") if waiting else show(request, visitor, "security/contact", "profile", _form(request, visitor))
    if waiting:
        return ask_again(request, reverse("security"), error=waits())
    form, there = NewContactForm(request.POST), reverse("security_contact_code")
    on = form.is_valid() and start(request, form, there=there, contact=form.cleaned_data["contact"], market=consumer.market, at=visitor.at)
    if not on:
        return ask_again(request, form=form)
    request.session[NEW] = request.session[sessions.CODE]
    return on


def _form(request: HttpRequest, visitor: Visitor) -> dict[str, Any]:
    kept, consumer = find_kept(request), visitor.consumer
    return {
        "form": form_again(kept, NewContactForm),
        "notice": kept.problem.detail if kept and kept.problem and not kept.errors else "",
        "email": mask(consumer.email) if consumer.email_hash else "",
        "phone": mask(consumer.phone) if consumer.phone_hash else "",
    }


@confirmed_page("security_contact", methods=("GET", "POST"))
def code(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take the code that was sent to the new contact, and let the change wait."""
    sent = _sent(request, visitor)
    if sent is None:
        return redirect("security_contact")
    if request.method != "POST":
        return show(request, visitor, "security/contact_code", "profile", code_context(request, sent, find_kept(request), visitor.at))
    form = CodeForm(request.POST)
    if not (form.is_valid() and check_code(request, form, sent, visitor.at)):
        return ask_again(request, form=form)
    sessions.drop_code(request)
    try:
        ask_change(consumer_id=visitor.consumer.pk, code=get_code(sent.public_id), at=visitor.at)
    except DomainError as error:
        return ask_again(request, reverse("security"), error=error)
    messages.success(request, _("It is noted. Until then the old one signs you in, and gets a letter that can undo it."))
    return redirect("security")


@confirmed_page("security_contact")
def send(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send another code to the new contact."""
    sent, there = _sent(request, visitor), reverse("security_contact_code")
    if sent is None:
        return redirect("security_contact")
    error = send_again(request, sent, visitor.at)
    if error is None:
        request.session[NEW] = request.session[sessions.CODE]
    return ask_again(request, there, error=error) if error else redirect(there)


def _sent(request: HttpRequest, visitor: Visitor) -> SignInCode | None:
    """Return the code that was sent to a new contact from this browser and still works, or None."""
    sent = sessions.find_code(request, visitor.at)
    return sent if sent is not None and request.session.get(NEW) == sent.public_id else None


@consumer_page("POST")
def keep(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Keep the old contact, at the wish of who is signed in."""
    change = find_waiting(visitor.consumer)
    if change is not None:
        try:
            undo_change(change_id=change.pk, signs_out=False, actor=visitor.consumer.public_id, at=visitor.at)
        except DomainError as error:
            return ask_again(request, reverse("security"), error=error)
        messages.success(request, _("It stays as it was."))
    return redirect("security")


@page("GET", "POST")
def keep_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the old contact by the link of a letter, without signing in; asked once more, since mail programs open links."""
    change, at = change_of_link(token), now()
    if change.consumer.is_erased or change.consumer.brand_id != brand_of(request).code:
        raise NotFound("There is no such page.")
    if request.method == "POST":
        with suppress(Conflict):
            undo_change(change_id=change.pk, signs_out=True, actor=change.consumer.public_id, at=at)
        return redirect(request.path)
    return render(request, "portals/consumer/security/contact_keep.html", shown(change))


def shown(change: ContactChange) -> dict[str, Any]:
    """Return what pages show of a change: what becomes what, and when."""
    return {
        "due_at": change.due_at,
        "new": mask(change.contact),
        "is_email": change.channel == "email",
        "is_open": change.is_open,
        "is_made": change.is_made,
    }
