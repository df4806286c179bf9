"""Headers and cookies for browsers: the content security policy of every page, and the cookies of a checkout in a shop's frame.

Also records the actor of each request, for the events that it publishes.
"""

from collections.abc import Callable
from http.cookies import Morsel

from csp.constants import HEADER, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase

from core.acting import acting
from merchants.api.authentication import Caller
from portals import devices
from portals.checkout.opening import is_framed
from portals.sessions import CONSUMER

CHECKOUT = "/checkout/"
# Browsers apply `form-action` to redirects after a form too: these pages lead to the shop, to the gateway's card page, to a bank, or to a
# company that signs people in.
LEAVING = (CHECKOUT, "/pay", "/purchases/", "/limit/bank", "/sign-in")
FRAMED = "framed_"
HOST = "__Host-"
"""The prefix by which browsers take a cookie from this host alone; a frame's cookies are bound to a path, and have none."""
HOSTS_OWN = {name for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, devices.COOKIE) if name.startswith(HOST)}
# Python supports this attribute from 3.14 on.
Morsel._reserved.setdefault("partitioned", "Partitioned")  # type: ignore[attr-defined]  # noqa: SLF001
Morsel._flags.add("partitioned")  # type: ignore[attr-defined]  # noqa: SLF001


class ContentSecurityPolicy(CSPMiddleware):
    """The settings' policy with exceptions: the admin's theme evaluates expressions, some forms leave the site, shops frame checkouts."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the policy's header."""
        replaced: dict[str, list[str]] = {}
        if request.path.startswith("/admin/"):
            replaced = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
        elif request.path.startswith(LEAVING):
            replaced = {"form-action": [SELF, "https:", *(["http:"] if settings.SANDBOX or settings.REHEARSAL else [])]}
        framers: list[str] = getattr(request, "frame_ancestors", None) or []
        if framers:
            replaced["frame-ancestors"] = framers
        if getattr(request, "has_opener", False):
            # The page that opened this window is told of its end; any other value would break the link between the two windows.
            response["Cross-Origin-Opener-Policy"] = "unsafe-none"
        if replaced:
            response._csp_replace = replaced  # type: ignore[attr-defined]
        response = super().process_response(request, response)
        if framers and _says(response.get(HEADER, ""), framers):
            # This header allows no list of origins, and browsers that know the policy's `frame-ancestors` ignore it.
            del response["X-Frame-Options"]
        return response


def _says(policy: str, framers: list[str]) -> bool:
    """Return whether browsers will read exactly these framers from a policy: only if the header is plain ASCII.

    Django encodes any other header; browsers would then read no policy at all, and any site could frame the page.
    """
    directives = [part.split() for part in policy.split(";")] if policy.isascii() and policy.isprintable() else []
    return [parts[1:] for parts in directives if parts[:1] == ["frame-ancestors"]] == [framers]


class FrameCookies:
    """Gives a checkout in a shop's frame its own cookies, which the browser keeps separately for each shop.

    A normal cookie (`SameSite=Lax`) is not sent to a frame in another site's page. These cookies are (`None`), but only over TLS or to the
    same machine (`Secure`), below the same shop's page (`Partitioned`), and to checkouts: in a frame the portal has no sign-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the frame's cookies instead of the pages'."""
        if not (request.path.startswith(CHECKOUT) and is_framed(request)):
            return self.get_response(request)
        sent = request.COOKIES
        request.COOKIES = {_own_name(name): value for name, value in sent.items() if name.startswith(FRAMED)}
        response = self.get_response(request)
        for name in list(response.cookies):
            _move(response, name)
        return response


def _own_name(name: str) -> str:
    """Return the name by which the pages know a cookie of a frame."""
    plain = name.removeprefix(FRAMED)
    return HOST + plain if HOST + plain in HOSTS_OWN else plain


def _move(response: HttpResponseBase, name: str) -> None:
    """Rename a cookie of the response, and allow it in frames."""
    morsel, framed = response.cookies.pop(name), FRAMED + name.removeprefix(HOST)
    response.cookies[framed] = morsel.value
    moved = response.cookies[framed]
    moved.update(morsel)
    # These are flags: any value sets them.
    moved.update({"samesite": "None", "secure": "1", "partitioned": "1"})
    if moved["path"] == "/":
        moved["path"] = CHECKOUT


STAFF = ("/admin/", "/merchant/")
VISITOR = "visitor"


class Acting:
    """Sets the actor of a request: an API key, an operator or a shop's member, a consumer, otherwise the view.

    This costs no query: it uses only what the request has already loaded, at the time when something is recorded.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request with its caller as the actor."""
        with acting(lambda: _who(request), getattr(request, "request_id", "")):
            return self.get_response(request)


def _who(request: HttpRequest) -> str:
    caller = request.__dict__.get("user")
    # A person's `request.user` is lazy and would read a row, so people are taken from the session.
    if isinstance(caller, Caller):
        return caller.actor
    session = getattr(request, "session", None)
    known: dict[str, str] = getattr(session, "_session_cache", {})
    staff, consumer = known.get(SESSION_KEY), known.get(CONSUMER)
    if request.path.startswith(STAFF):
        return staff or VISITOR
    if consumer:
        return consumer
    match = request.resolver_match
    return staff or (f"door:{match.view_name}" if match and getattr(match.func, "csrf_exempt", False) else VISITOR)
