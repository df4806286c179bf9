"""The merchant portal without a shop: signing in, choosing one of several shops, signing out."""

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from brands.queries import brand_of
from core.errors import NotFound, TooMany
from merchants.queries import list_memberships
from portals import sessions
from portals.again import ask_again, find_kept, form_again
from portals.doors import page
from portals.merchant.entering.forms import SignInForm
from portals.merchant.frame import CHOSEN, safe_next, show_door

_BACKEND = "django.contrib.auth.backends.ModelBackend"
LOCKED_S = 15 * 60


@sensitive_post_parameters("password")
@page("GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Take e-mail and password; after five wrong ones, sign-in is locked for a quarter of an hour."""
    there = safe_next(request, request.GET.get("next", ""))
    if request.method != "POST":
        form = form_again(find_kept(request), SignInForm)
        return redirect(there) if isinstance(request.user, User) else show_door(request, "entering/sign_in", {"form": form})
    form = SignInForm(request.POST)
    if not form.is_valid():
        return ask_again(request, form=form)
    user = authenticate(request, username=form.cleaned_data["username"], password=form.cleaned_data["password"])
    if user is None:
        form.add_error(None, gettext("E-mail and password do not match. Check both and try again."))
        return ask_again(request, form=form)
    enter(request, user)
    return redirect(there)


def enter(request: HttpRequest, user: Any) -> None:
    """Open the session; a consumer who is signed in in the same browser stays signed in."""
    kept = sessions.consumer_part(request)
    login(request, user, backend=_BACKEND)
    request.session.pop(CHOSEN, None)
    request.session.update(kept)


@page("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the team's session; a consumer who is signed in in the same browser stays signed in."""
    kept = sessions.consumer_part(request)
    logout(request)
    request.session.update(kept)
    return redirect("merchant_sign_in")


@page("GET", "POST")
def choose(request: HttpRequest) -> HttpResponse:
    """Let a person who belongs to several teams choose the shop to work for."""
    if not isinstance(request.user, User):
        return redirect("merchant_sign_in")
    teams = list_memberships(request.user, brand_of(request).code)
    if request.method == "POST":
        chosen = next((team for team in teams if team.merchant.public_id == request.POST.get("merchant")), None)
        if chosen is None:
            raise NotFound("There is no such shop.")
        request.session[CHOSEN] = chosen.merchant.public_id
        return redirect("merchant_overview")
    if len(teams) < 2:
        return redirect("merchant_overview")
    person = {"name": request.user.name or request.user.email, "sign_out_path": reverse("merchant_sign_out")}
    choices = [(team.merchant.public_id, team.merchant.name, team.get_role_display()) for team in teams]
    return show_door(request, "entering/choose", {"teams": choices, "person": person})


def locked_out(request: HttpRequest, _response: HttpResponse | None = None, _credentials: dict[str, Any] | None = None) -> HttpResponse:
    """Say that there were too many wrong passwords; axes calls it instead of the view, also for the back office."""
    error = TooMany("There were too many wrong passwords for this account. Wait 15 minutes, then try again.", retry_after_s=LOCKED_S)
    error.title = gettext("Too many wrong passwords")
    if request.path == reverse("merchant_sign_in"):
        return ask_again(request, error=error)
    answer = render(request, "portals/problem.html", {"problem": error, "back": request.path}, status=error.status)
    answer["Retry-After"] = str(error.retry_after_s)
    return answer
