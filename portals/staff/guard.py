"""Nothing of the back office or of a shop opens to who has given only a password where more is needed, or in a session that is over."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.signing import FACTOR, SEEN, SINCE, is_over
from core.clock import wall
from portals.sessions import consumer_part

STAFF = ("/admin/", "/merchant/")
OUT = ("/admin/logout/", "/merchant/sign-out")
NOTED_S = 60
"""That a session is used is written once in so many seconds, so that most pages only read it."""


class SecondFactor:
    """Leads a user whose session still needs a second factor to its page, and ends sessions that are over.

    It costs no query, except a write of the session in a minute: the session says everything.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        if request.path.startswith((*STAFF, "/staff/")) and _is_over(request):
            # The page leads whoever is not signed in to where they sign in. A consumer in the same browser stays signed in.
            kept = consumer_part(request)
            logout(request)
            request.session.update(kept)
        if request.path.startswith(STAFF) and request.path not in OUT and request.session.get(FACTOR):
            there = request.get_full_path() if request.method == "GET" else request.path
            return redirect(f"{reverse('staff_factor')}?{urlencode({'next': there})}")
        return self.get_response(request)


def _is_over(request: HttpRequest) -> bool:
    """Return whether a user's session was not used for too long, or began too long ago; otherwise note that it is used."""
    session = request.session
    if SESSION_KEY not in session:
        return False
    at = int(wall().timestamp())
    since, seen = session.setdefault(SINCE, at), session.setdefault(SEEN, at)
    if is_over(since, seen, at):
        return True
    if at - seen >= NOTED_S:
        session[SEEN] = at
    return False
