"""What the pages of a user's second factor have in common: their door, and where they lead."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from portals.doors import page

UserView = Callable[[HttpRequest, User], HttpResponse]


def user_page(*methods: str) -> Callable[[UserView], Callable[[HttpRequest], HttpResponse]]:
    """Make a view a page of the user who has given their password; others sign in first."""

    def decorate(view: UserView) -> Callable[[HttpRequest], HttpResponse]:
        @page(*methods)
        @sensitive_post_parameters("code")
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponse:
            return view(request, request.user) if isinstance(request.user, User) else redirect("merchant_sign_in")

        return answer

    return decorate


def home(user: User) -> str:
    """Return the first page of a user."""
    return "/admin/" if user.is_staff else "/merchant/"


def there(request: HttpRequest, user: User) -> str:
    """Return where to go on: a page of this site, otherwise the user's first page."""
    path = request.GET.get("next", "")
    own = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None, require_https=request.is_secure())
    return path if own else home(user)


def here(request: HttpRequest, user: User) -> str:
    """Return the address of the page of the second factor, which leads on to where the user wanted to go."""
    return f"{reverse('staff_factor')}?{urlencode({'next': there(request, user)})}"
