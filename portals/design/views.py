"""The design system's page: every component with its states, and sample screens."""

from collections.abc import Callable
from typing import Any

import css_inline
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portals.design import samples
from portals.design.gallery import gallery

_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

SCREENS: dict[str, tuple[str, str, Callable[[], dict[str, Any]]]] = {
    "checkout": ("Checkout, plan", "portals/checkout/plan/plan.html", samples.checkout_plan),
    "home": ("Consumer home", "portals/consumer/home/home.html", samples.consumer_home),
    "overview": ("Merchant overview", "portals/merchant/overview/overview.html", samples.merchant_overview),
    "sign-in": ("Sign in", "portals/design/sign_in.html", dict),
    "mail": ("Mail", "portals/design/mail.html", samples.mail),
    "unreadable": ("Error 400", "400.html", dict),
    "forbidden": ("Error 403", "403.html", dict),
    "stale": ("Error 403, form", "403_csrf.html", dict),
    "gone": ("Error 404", "404.html", dict),
    "not-taken": ("Error 405", "405.html", dict),
    "too-many": ("Error 429", "429.html", dict),
    "broken": ("Error 500", "500.html", dict),
}


def page(request: HttpRequest) -> HttpResponse:
    """Show every component; `?mode=dark` or `light` fixes the mode."""
    context = (
        samples.frame() | gallery() | {"theme_mode": _mode(request), "screens": [(key, name) for key, (name, _, _) in SCREENS.items()]}
    )
    return render(request, "portals/design/page.html", context)


def screen(request: HttpRequest, screen: str) -> HttpResponse:
    """Show one sample screen; 404 for an unknown one."""
    if screen not in SCREENS:
        raise Http404
    _name, template, sample = SCREENS[screen]
    context = samples.frame() | sample() | {"theme_mode": _mode(request)}
    if screen == "mail":
        # An e-mail has inline styles, which the pages' content security policy forbids: its preview is a document of its own.
        return HttpResponse(css_inline.inline(render_to_string(template, context)), headers={"Content-Security-Policy": _MAIL_POLICY})
    return render(request, template, context)


def _mode(request: HttpRequest) -> str:
    mode = request.GET.get("mode", "")
    return mode if mode in {"light", "dark"} else ""
