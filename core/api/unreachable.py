"""When the database goes away during a request: repeat the request where that is harmless, otherwise ask the caller to come back."""

import logging
import sys
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader

RETRY_AFTER_S = 5
SAFE = frozenset({"GET", "HEAD"})
_AWAY = "database_away"
log = logging.getLogger("bnpl.database")


def is_away(error: BaseException | None) -> bool:
    """Return whether an error means that the database does not answer, or broke off its work; then nothing was committed by it."""
    return isinstance(error, OperationalError | InterfaceError) or _is_cut_off(error)


def _is_cut_off(error: BaseException | None) -> bool:
    """Return whether the server ended in the middle of an answer: then the driver gives no kind of error, and the server no code."""
    return type(error) is DatabaseError and getattr(error.__cause__, "pgcode", "") is None


def current_error() -> BaseException | None:
    """Return the error that is being handled."""
    return sys.exc_info()[1]


def away_page() -> HttpResponse:
    """Return the page that asks people to come back."""
    return HttpResponse(loader.get_template("503.html").render(), status=503)


def mark(response: HttpResponse) -> HttpResponse:
    """Tell the caller when to come back, and mark the response for the first middleware."""
    response["Retry-After"] = str(RETRY_AFTER_S)
    setattr(response, _AWAY, True)
    return response


def answer_twice(request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponseBase]) -> HttpResponseBase:
    """Answer a request; if the database went away, answer a read-only request again on a new connection.

    Requests that write are not repeated here, since it is unknown whether they were committed. The caller repeats them with the idempotency
    key.
    """
    response = get_response(request)
    if _went_away(response) and request.method in SAFE:
        log.warning("asked once more: %s", request.path)
        fresh = type(request)(request.environ)  # type: ignore[attr-defined,call-arg]
        fresh.request_id = request.request_id  # type: ignore[attr-defined]
        response = get_response(fresh)
        _went_away(response)
    return response


def _went_away(response: HttpResponseBase) -> bool:
    """Return whether the database went away; then close its broken connections, so that the next query opens new ones."""
    away = bool(getattr(response, _AWAY, False))
    for connection in connections.all(initialized_only=True) if away else ():
        if not connection.in_atomic_block:
            connection.close()
    return away
