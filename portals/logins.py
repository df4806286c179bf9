"""Signing in by another company over HTTP: what was begun stands in the browser's session, and counts once.

An account that is not linked yet proves nothing alone: its person shows by a one-time code that the mailbox is theirs, which links it.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.errors import LoginFailed
from accounts.gateways.base import ProviderUnavailable
from accounts.logins.queries import company_of, list_companies
from accounts.logins.services import link_login, use_login
from accounts.models import Consumer
from accounts.rules import find_destination
from brands.queries import brand_of
from core import providers
from core.errors import Conflict, DomainError, NotFound
from core.providers import Account
from portals import sessions
from portals.again import ask_again
from portals.doors import SeeOther
from portals.sign_in import send_code

BEGUN, WAITING = "login_begun", "login_waiting"
"""In the session: the visit to a company that was begun, and the account that waits for a code."""
VALID = timedelta(minutes=15)
Told = dict[str, Any]


def offered(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the companies that the host's brand signs people in by, each with its name."""
    return [(company_of(account), name) for account, name in list_companies(brand_of(request).code)]


def begin(request: HttpRequest, company: str, there: str, at: datetime) -> HttpResponse:
    """Lead the browser to a company; `there` is where it goes once the person is signed in. NotFound for a company that is not offered."""
    account = _account_of(request, company)
    try:
        began = providers.connect(account.code).begin(_back(request, company))
    except ProviderUnavailable:
        return ask_again(request, _sign_in_path(there), error=_failed())
    request.session[BEGUN] = {
        "company": company,
        "state": began.state,
        "nonce": began.nonce,
        "verifier": began.verifier,
        "there": there,
        "at": at.isoformat(),
    }
    return SeeOther(began.address)


def finish(request: HttpRequest, company: str, at: datetime) -> HttpResponse:
    """Sign in whom a company has sent back, or send a code to the address that the company tells, for an account that is not linked yet."""
    begun: Told = request.session.pop(BEGUN, {})
    there = begun.get("there") or reverse("home")
    if not _answers(request, begun, company, at) or "code" not in request.GET:
        return ask_again(request, _sign_in_path(there), error=_failed())
    account = _account_of(request, company)
    told: Told = {"code": request.GET["code"], "back": _back(request, company)}
    try:
        found = providers.connect(account.code).finish(nonce=begun["nonce"], verifier=begun["verifier"], **told)
    except ProviderUnavailable:
        return ask_again(request, _sign_in_path(there), error=_failed())
    consumer = use_login(subject_hash=found.subject_hash, brand=brand_of(request).code, at=at)
    if consumer is not None:
        sessions.sign_in(request, consumer, at, how="login")
        return redirect(there)
    error = send_code(request, contact=found.email, market=None, at=at, typed=False) if found.email else _failed()
    if error is not None:
        return ask_again(request, _sign_in_path(there), error=error)
    to = find_destination("email", found.email, "")
    request.session[WAITING] = {"company": company, "subject": found.subject_hash, "to": to, "at": at.isoformat()}
    return redirect(there if there.startswith("/checkout/") else f"{reverse('sign_in_code')}?{urlencode({'next': there})}")


def link_waiting(request: HttpRequest, consumer: Consumer, destination: str, at: datetime) -> None:
    """Link the account that waited for a code to the consumer who typed it, if the code went where the company said."""
    waiting: Told = request.session.pop(WAITING, {})
    if waiting and waiting["to"] == destination and _is_recent(waiting, at):
        try:
            link_login(consumer=consumer, company=waiting["company"], subject_hash=waiting["subject"], at=at)
        except Conflict:
            # They are signed in by the code, and read on their page which account is linked.
            return


def _answers(request: HttpRequest, begun: Told, company: str, at: datetime) -> bool:
    """Return whether a company answers what this browser began there a moment ago."""
    told = begun.get("company") == company and begun.get("state") == request.GET.get("state")
    return bool(begun) and told and _is_recent(begun, at)


def _is_recent(told: Told, at: datetime) -> bool:
    return timedelta(0) <= at - datetime.fromisoformat(told["at"]) < VALID


def _account_of(request: HttpRequest, company: str) -> Account:
    for account, _name in list_companies(brand_of(request).code):
        if company_of(account) == company:
            return account
    raise NotFound("There is no such way to sign in.")


def _back(request: HttpRequest, company: str) -> str:
    return request.build_absolute_uri(reverse("sign_in_back", args=[company]))


def _sign_in_path(there: str) -> str:
    return there if there.startswith("/checkout/") else f"{reverse('sign_in')}?{urlencode({'next': there})}"


def _failed() -> DomainError:
    return LoginFailed("That did not sign you in. Try again, or use a one-time code.")
