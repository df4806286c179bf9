"""The living page of the design system: every component with its states, and the pictured screens with sample data."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portals import design_samples as samples
from portals.design_gallery import gallery

SCREENS: dict[str, tuple[str, str, Callable[[], dict[str, Any]]]] = {
    "checkout": ("Checkout, plan", "portals/checkout/plan.html", samples.checkout_plan),
    "home": ("Consumer home", "portals/consumer/home.html", samples.consumer_home),
    "overview": ("Merchant overview", "portals/merchant/overview.html", samples.merchant_overview),
}


def page(request: HttpRequest) -> HttpResponse:
    """Show every component; `?mode=dark` or `light` fixes the mode."""
    context = samples.frame() | gallery() | {"theme_mode": _mode(request), "screens": [(key, name) for key, (name, _, _) in SCREENS.items()]}
    return render(request, "portals/design/page.html", context)


def screen(request: HttpRequest, screen: str) -> HttpResponse:
    """Show one pictured screen with sample data; 404 for an unknown one."""
    if screen not in SCREENS:
        raise Http404
    _, template, sample = SCREENS[screen]
    return render(request, template, samples.frame() | sample() | {"theme_mode": _mode(request)})


def _mode(request: HttpRequest) -> str:
    mode = request.GET.get("mode", "")
    return mode if mode in {"light", "dark"} else ""
