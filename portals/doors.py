"""How pages answer: the methods that they take, never cached, and errors as a page for people, in one place."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from core.errors import DomainError, NotFound, TooMany

MOST_SETUP = 120
View = Callable[..., HttpResponse]


class SeeOther(HttpResponseRedirectBase):
    """Go on with a GET, also to another site: a shop's page, or the gateway's card page."""

    status_code = 303


def page(*methods: str) -> Callable[[View], View]:
    """Make a view a page: it takes only these methods, is kept by no cache, and a DomainError becomes a page that says what to do.

    Somebody else's object and one that does not exist are the same 404.
    """
    taken = {*methods, "HEAD"} if "GET" in methods else set(methods)

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in taken:
                return HttpResponseNotAllowed(sorted(taken))
            try:
                response = view(request, *args, **kwargs)
            except NotFound as error:
                raise Http404(error.detail) from None
            except DomainError as error:
                response = _problem(request, error)
            add_never_cache_headers(response)
            return response

        return answer

    return decorate


def setup_of(request: HttpRequest) -> str:
    """Return the visit that the gateway's card page names on the way back, if it can be one at all."""
    named = request.GET.get("setup", "")
    return named if named.isascii() and named.isprintable() and len(named) <= MOST_SETUP else ""


def _problem(request: HttpRequest, error: DomainError) -> HttpResponse:
    response = render(request, "portals/problem.html", {"problem": error}, status=error.status)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after_s)
    return response
