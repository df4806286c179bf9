"""Addresses of all pages: checkout, the two portals, the design system."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

_ROOMS = ("portals.checkout.urls", "portals.consumer.urls", "portals.merchant.urls", "portals.widget_urls", "portals.design_urls")


def _is_there(room: str) -> bool:
    return find_spec(room.rpartition(".")[0]) is not None and find_spec(room) is not None


urlpatterns: list[URLPattern | URLResolver] = [path("", include(room)) for room in _ROOMS if _is_there(room)]
