"""Addresses of all pages: checkout, the two portals, the guides, the shops' widget, the design system."""

from django.urls import URLPattern, URLResolver, include, path

_ROOMS = (
    "portals.checkout.urls",
    "portals.consumer.urls",
    "portals.merchant.urls",
    "portals.staff.urls",
    "portals.guides.urls",
    "portals.legal.urls",
    "portals.widget.urls",
    "portals.design.urls",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(room)) for room in _ROOMS]
