"""What all pages share: the HTTP methods that they accept, no caching, and errors as readable pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from cryptography.exceptions import InvalidTag
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect, HttpResponseRedirectBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers
from django.utils.encoding import escape_uri_path

from core.crypto import as_error
from core.errors import DomainError, NotFound, TooMany
from portals.again import Problem, ask_again, find_problem

MOST_SETUP = 120
DENIED = {403, 404}
READS = {"GET", "HEAD"}
View = Callable[..., HttpResponse]
ShowProblem = Callable[[HttpRequest, Problem | DomainError], HttpResponse]


class SeeOther(HttpResponseRedirectBase):
    """Redirect with a GET, also to another site: a shop's page, or the gateway's card page."""

    status_code = 303


def _problem(request: HttpRequest, problem: Problem | DomainError) -> HttpResponse:
    if isinstance(problem, NotFound):
        raise Http404(problem.detail)
    back = problem.back if isinstance(problem, Problem) else request.path
    response = render(request, "portals/problem.html", {"problem": problem, "back": back or "/"}, status=problem.status)
    if isinstance(problem, TooMany):
        response["Retry-After"] = str(problem.retry_after_s)
    return response


def page(*methods: str, show_problem: ShowProblem = _problem) -> Callable[[View], View]:
    """Make a view a page: it accepts only these methods, is never cached, and shows a DomainError as a page that says what to do.

    A form's error is never shown at the form's own address: the answer redirects to another page. An object of another person gives the
    same 404 as an object that does not exist. Whoever types the address of a form that has no page is led to the page above it.
    """
    taken = {*methods, "HEAD"} if "GET" in methods else set(methods)

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            told = find_problem(request)
            if told is None and request.method not in taken:
                return _not_taken(request, taken)
            try:
                response = show_problem(request, told) if told else view(request, *args, **kwargs)
            except DomainError as error:
                response = _refused(request, error, show_problem)
            except InvalidTag as fault:
                response = _refused(request, as_error(fault), show_problem)
            add_never_cache_headers(response)
            return response

        answer.takes = frozenset(taken)  # type: ignore[attr-defined]
        return answer

    return decorate


def _not_taken(request: HttpRequest, taken: set[str]) -> HttpResponse:
    """Answer a method that the page does not accept: lead a reader to the nearest page above, and show others a page that says so."""
    if request.method in READS:
        response: HttpResponse = HttpResponseRedirect(escape_uri_path(_page_above(request.path)))
    else:
        response = render(request, "405.html", status=405)
        response["Allow"] = ", ".join(sorted(taken))
    add_never_cache_headers(response)
    return response


def _page_above(path: str) -> str:
    """Return the address of the nearest page above an address that can be read; the start page if there is none."""
    while path := path.rstrip("/").rpartition("/")[0]:
        for there in (path, f"{path}/"):
            try:
                found = resolve(there)
            except Resolver404:
                continue
            if "GET" in getattr(found.func, "takes", ()):
                return there
    return "/"


def _refused(request: HttpRequest, error: DomainError, show_problem: ShowProblem) -> HttpResponse:
    apart = request.method == "POST" and error.status not in DENIED
    return ask_again(request, error=error, whole=True) if apart else show_problem(request, error)


def setup_of(request: HttpRequest) -> str:
    """Return the card setup that the gateway's card page names on the way back, if its id is well-formed."""
    named = request.GET.get("setup", "")
    return named if named.isascii() and named.isprintable() and len(named) <= MOST_SETUP else ""
