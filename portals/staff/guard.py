"""Nothing of the back office or of a shop opens to who has given only a password where more is needed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.signing import FACTOR

STAFF = ("/admin/", "/merchant/")
OUT = ("/admin/logout/", "/merchant/sign-out")


class SecondFactor:
    """Leads a user whose session still needs a second factor to its page. It costs no query: the session says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        if request.path.startswith(STAFF) and request.path not in OUT and request.session.get(FACTOR):
            there = request.get_full_path() if request.method == "GET" else request.path
            return redirect(f"{reverse('staff_factor')}?{urlencode({'next': there})}")
        return self.get_response(request)
