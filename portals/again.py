"""Show a refused form again: keep its values and errors, and redirect to the page that shows it.

Every page that a person sees therefore has an address of its own: back, reload and return never send a form twice.
The values are kept in the session, encrypted, for half an hour. The address holds only their key, which works in that session alone.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cryptography.exceptions import InvalidTag
from django import forms
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseRedirect

from core.clock import wall
from core.crypto import decrypt, encrypt
from core.errors import DomainError, TooMany
from core.once import FIELD as ONCE
from core.once import IN_PROGRESS, new_key
from core.sentences import translated

PARAM = "again"
MOST = 4
MOST_KEPT = 16_384
KEEP = timedelta(minutes=30)
SECRET = {"csrfmiddlewaretoken", "password", "new_password1", "new_password2", "code", "device", ONCE}
"""The names of the fields that are never kept."""
F = TypeVar("F", bound=forms.Form)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, in words for the page."""

    code: str
    title: str
    detail: str
    status: int
    back: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A refused form: its values, its errors by field, and its error as a whole. With `whole` the page shows only that error."""

    data: QueryDict = field(default_factory=QueryDict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    problem: Problem | None = None
    whole: bool = False

    @property
    def lasting_problem(self) -> Problem | None:
        """The error of the form as a whole, for a page that shows waiting times itself: None for "too many", which may be out of date."""
        return self.problem if self.problem and self.problem.code != TooMany.code else None

    @property
    def texts(self) -> list[str]:
        """All errors, for a page that no longer shows the form."""
        return [text for texts in self.errors.values() for text in texts] or ([self.problem.detail] if self.problem else [])


def ask_again(
    request: HttpRequest,
    there: str = "",
    *,
    form: forms.Form | None = None,
    error: DomainError | None = None,
    whole: bool = False,
) -> HttpResponse:
    """Keep a form's values and errors, and redirect to the page that shows it again: `there`, else the page of the form."""
    sent = [(name, value) for name, values in request.POST.lists() if name not in SECRET for value in values]
    if error is not None and error.code == IN_PROGRESS:
        # The first press is still being carried out: the next press has to repeat the same request.
        sent.append((ONCE, request.POST.get(ONCE, "")))
    kept: dict[str, Any] = {"at": wall().isoformat(), "data": urlencode(sent), "whole": whole}
    if form is not None:
        kept["errors"] = {name: [str(text) for text in told] for name, told in form.errors.items()}
    if error is not None:
        kept["problem"] = [error.code, translated(error.title), str(error.detail), error.status, _back(request)]
    response = HttpResponseRedirect(_with_key(there or request.get_full_path(), _keep(request, kept)))
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after_s)
    return response


def lead_to(request: HttpRequest, there: str, **data: str) -> HttpResponse:
    """Redirect to a page and pass it data that must not be in the address, such as a secret that is shown once."""
    return HttpResponseRedirect(_with_key(there, _keep(request, {"at": wall().isoformat(), "data": urlencode(data)})))


def find_kept(request: HttpRequest) -> Kept | None:
    """Return what was kept for the requested page, if the page shows a form again and the half hour is not over."""
    key = request.GET.get(PARAM, "")
    if not key or request.method == "POST":
        return None
    told = _open(key, next((sealed for name, sealed in request.session.get(PARAM, ()) if name == key), ""))
    if not told or wall() - datetime.fromisoformat(told["at"]) > KEEP:
        return None
    problem = Problem(*told["problem"]) if "problem" in told else None
    return Kept(QueryDict(told["data"]), told.get("errors", {}), problem, told.get("whole", False))


def take_kept(request: HttpRequest) -> Kept | None:
    """Return what was kept, and delete it."""
    kept = find_kept(request)
    if kept is not None:
        request.session[PARAM] = [pair for pair in request.session[PARAM] if pair[0] != request.GET[PARAM]]
    return kept


def find_problem(request: HttpRequest) -> Problem | None:
    """Return the problem, if the page shows a problem and no form."""
    kept = find_kept(request)
    return kept.problem if kept is not None and kept.whole else None


def key_of(request: HttpRequest) -> str:
    """Return the idempotency key for the forms of a page: a new one, unless the first press of a form is still being carried out."""
    kept = find_kept(request)
    return (kept.data.get(ONCE) if kept else None) or new_key()


def form_again(kept: Kept | None, make: Callable[[QueryDict | None], F]) -> F:
    """Make a page's form: with its values and errors if it is shown again, otherwise empty."""
    if kept is None:
        return make(None)
    form = make(kept.data)
    # Show only the errors found when the form was sent. Validating again would find others: fields that are never kept are empty,
    # and the facts behind the rest have changed.
    form._errors = ErrorDict(renderer=form.renderer)  # type: ignore[attr-defined]  # noqa: SLF001
    form.cleaned_data = {}
    for name, texts in kept.errors.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
    if kept.problem is not None and not kept.errors:
        form.add_error(None, kept.problem.detail)
    return form


def _keep(request: HttpRequest, told: dict[str, Any]) -> str:
    text, key = json.dumps(told), secrets.token_urlsafe(9)
    if len(text) > MOST_KEPT:
        text = json.dumps(told | {"data": ""})
    others: Sequence[Any] = request.session.get(PARAM, ())
    request.session[PARAM] = [*others[-MOST + 1 :], [key, encrypt(text, context=f"portals.again.{key}")]]
    return key


def _open(key: str, sealed: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(decrypt(sealed, context=f"portals.again.{key}")) if sealed else {}
    except (InvalidTag, KeyError, ValueError):
        # The key that encrypted these values is no longer in use.
        return {}
    return told


def _with_key(there: str, key: str) -> str:
    parts = urlsplit(there)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != PARAM]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode([*query, (PARAM, key)]), ""))


def _back(request: HttpRequest) -> str:
    """Return the page that the form was on, if the browser names it and it is a page of this site."""
    parts = urlsplit(request.headers.get("Referer", ""))
    return urlunsplit(("", "", parts.path, parts.query, "")) if parts.netloc == request.get_host() else ""
