"""Finds the brand of each request by its host."""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase

from brands.queries import PageBrand, by_settings, default_brand, find_by_host

HEALTH = frozenset({"/livez", "/readyz"})
"""Health checks must not wait for the database, so no brand is looked up for them."""


class HostBrand:
    """Sets `request.brand`: the brand with the request's host, or the default brand at any other host that the installation accepts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request as the brand of its host."""
        request.brand = by_settings() if request.path in HEALTH else _brand_at(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def _brand_at(request: HttpRequest) -> PageBrand:
    try:
        host = request.get_host()
    except DisallowedHost:
        # Such a host is refused later, on a page of the default brand.
        return default_brand()
    return find_by_host(host) or default_brand()
