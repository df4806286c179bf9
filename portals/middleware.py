"""Content security policy: strict everywhere, loosened only where a page could not work otherwise."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# Browsers apply `form-action` to the redirect that answers a form: these pages end at the shop or at the gateway's card page.
LEAVING = ("/checkout/", "/payments", "/purchases/")


class ContentSecurityPolicy(CSPMiddleware):
    """The policy of the settings; the admin's theme evaluates its own expressions, and some forms leave the site."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the policy's header."""
        if request.path.startswith("/admin/"):
            response._csp_replace = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}  # type: ignore[attr-defined]
        elif request.path.startswith(LEAVING):
            response._csp_replace = {"form-action": [SELF, "https:", *(["http:"] if settings.SANDBOX else [])]}  # type: ignore[attr-defined]
        return super().process_response(request, response)
