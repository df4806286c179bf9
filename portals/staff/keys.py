"""Passkeys of whoever works here: a second factor with one touch, beside the app with codes, which whoever adds one has already."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.factors.models import Passkey
from accounts.factors.queries import fresh_for, has_authenticator, list_passkeys
from accounts.factors.services import remove_passkey
from accounts.models import User
from accounts.signing import FACTOR, SHOWN, open_session
from core.clock import now, wall
from core.errors import DomainError, Forbidden
from core.ids import parse_id
from portals import passkeys
from portals.again import ask_again
from portals.staff.frame import here, there, user_page


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the user gave their second factor in this session a moment ago (`accounts.fresh_minutes`)."""
    return not request.session.get(FACTOR) and wall().timestamp() - request.session.get(SHOWN, 0) < fresh_for() / timedelta(seconds=1)


def keys_here(request: HttpRequest, user: User) -> list[Passkey]:
    """Return the user's passkeys that work on this host."""
    host = passkeys.site_of(request).host
    return [one for one in list_passkeys(user) if one.host == host]


@user_page("POST")
def options(request: HttpRequest, user: User) -> HttpResponse:
    """Answer with what the browser needs to make a passkey, to a user with an app who has just given a second factor."""
    _check(request, user)
    return passkeys.ask_for_new(request, user, now())


@user_page("POST")
def add(request: HttpRequest, user: User) -> HttpResponse:
    """Keep the passkey that the browser made; the user's other sessions end."""
    _check(request, user)
    try:
        passkeys.add(request, user, str(user.pk), now())
    except DomainError as error:
        return ask_again(request, here(request, user), error=error)
    update_session_auth_hash(request, user)
    messages.success(request, _("Your passkey is added. It takes the place of the code from now on."))
    return redirect(here(request, user))


@user_page("POST")
def remove(request: HttpRequest, user: User) -> HttpResponse:
    """Remove a passkey; the user's other sessions end."""
    _check(request, user)
    remove_passkey(owner=user, passkey_id=parse_id(Passkey.PREFIX, request.POST.get("passkey", "")), actor=str(user.pk), at=now())
    update_session_auth_hash(request, user)
    messages.success(request, _("The passkey is removed. It signs nobody in any more."))
    return redirect(here(request, user))


@user_page("POST")
def use_options(request: HttpRequest, user: User) -> HttpResponse:
    """Answer with what the browser needs to use one of the user's passkeys."""
    return passkeys.ask_for_known(request, passkeys.CONFIRM, now(), passkeys=keys_here(request, user))


@user_page("POST")
def use(request: HttpRequest, user: User) -> HttpResponse:
    """Take a passkey of the user in place of a code, and open the session."""
    try:
        passkeys.use(request, passkeys.CONFIRM, now(), owner=user)
    except DomainError as error:
        return ask_again(request, here(request, user), error=error)
    open_session(request, user)
    return redirect(there(request, user))


def _check(request: HttpRequest, user: User) -> None:
    if not (is_fresh(request) and has_authenticator(user.pk)):
        raise Forbidden("Show first that it is you.")
