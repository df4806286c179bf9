"""The second factor of whoever works here: asked for after the password, set up, and removed."""

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.factors import services as factors
from accounts.factors.apps_with_codes import address_of
from accounts.factors.queries import find_authenticator
from accounts.models import User
from accounts.signing import FACTOR, open_session
from brands.queries import brand_of
from core.clock import now, wall
from core.errors import DomainError
from portals import passkeys
from portals.again import ask_again, find_kept, form_again
from portals.forms import add_errors
from portals.staff.frame import here, home, there, user_page
from portals.staff.keys import is_fresh, keys_here


class FactorForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter the code that your app shows.")},
    )


@user_page("GET", "POST")
def factor(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for the code after the password; or show the user's app with codes, or how to set one up."""
    found = find_authenticator(user.pk)
    if request.method == "POST":
        return _enter(request, user)
    kept = find_kept(request)
    context = {
        "error": kept.problem.detail if kept and kept.problem else "",
        "fresh": is_fresh(request),
        "passkeys": passkeys.shown(keys_here(request, user)),
        "asks": request.session.get(FACTOR) == "ask",
        "must": request.session.get(FACTOR) == "make",
        "has_app": found is not None and found.confirmed_at is not None,
        "form": form_again(kept, FactorForm),
        "query": urlencode({"next": there(request, user)}),
        "self_query": urlencode({"next": reverse("staff_factor")}),
        "back": home(user),
    }
    if found is not None and found.confirmed_at is None:
        address = address_of(found.secret, name=user.email, issuer=brand_of(request).name)
        qr = segno.make(address, error="m").svg_data_uri(scale=5, border=2, dark="#000", light="#fff")
        context |= {"secret": found.secret, "address": address, "qr": qr}
    return _show(request, "factor", context)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    """Take the code, and open the session, which gets a new key."""
    form = FactorForm(request.POST)
    if not _is_right(request, form, user):
        return ask_again(request, form=form)
    open_session(request, user)
    return redirect(there(request, user))


@user_page("GET", "POST")
def begin(request: HttpRequest, user: User) -> HttpResponse:
    """Make the secret of a new app; the page then shows it."""
    if request.method == "POST" and request.session.get(FACTOR) != "ask":
        factors.begin_authenticator(user=user, at=wall())
    return redirect(here(request, user))


@user_page("GET", "POST")
def confirm(request: HttpRequest, user: User) -> HttpResponse:
    """Take the new app's first code, and show the recovery codes this one time."""
    if request.method != "POST" or request.session.get(FACTOR) == "ask":
        return redirect(here(request, user))
    form = FactorForm(request.POST)
    if not form.is_valid():
        return ask_again(request, here(request, user), form=form)
    try:
        codes = factors.confirm_authenticator(user=user, code=form.cleaned_data["code"], wall=wall(), at=now())
    except DomainError as error:
        add_errors(form, error)
        return ask_again(request, here(request, user), form=form)
    update_session_auth_hash(request, user)
    open_session(request, user)
    return _show(request, "codes", {"codes": codes, "there": there(request, user)})


@user_page("GET", "POST")
def remove(request: HttpRequest, user: User) -> HttpResponse:
    """Remove the app, by a code of it or a recovery code."""
    if request.method != "POST" or request.session.get(FACTOR) == "ask":
        return redirect(here(request, user))
    form = FactorForm(request.POST)
    if not _is_right(request, form, user):
        return ask_again(request, here(request, user), form=form)
    factors.remove_authenticator(user=user, actor=str(user.pk), wall=wall(), at=now())
    update_session_auth_hash(request, user)
    messages.success(request, _("The app is removed."))
    return redirect(here(request, user))


@user_page("GET", "POST")
def end_others(request: HttpRequest, user: User) -> HttpResponse:
    """Sign the user out everywhere but here."""
    if request.method == "POST" and not request.session.get(FACTOR):
        factors.end_sessions(user=user, at=now())
        update_session_auth_hash(request, user)
        messages.success(request, _("You are signed out everywhere but here."))
    return redirect(here(request, user))


def _is_right(request: HttpRequest, form: FactorForm, user: User) -> bool:
    """Check the typed code; False, with the form's error, if it is wrong."""
    if not form.is_valid():
        return False
    try:
        factors.check_factor(user=user, code=form.cleaned_data["code"], wall=wall(), at=now())
    except DomainError as error:
        add_errors(form, error)
        return False
    return True


def _show(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    return render(request, f"portals/staff/{template}.html", context)
