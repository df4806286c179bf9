"""How a shop opened the checkout (as a page, a separate window, or a frame in its page), and which page is told of its end.

A frame is recognized by the browser's own header (`Sec-Fetch-Dest`), a window by the address that the widget opened. That address also
contains the origin of the shop's page to tell. The origin counts only if the merchant has registered it: docs/adr/0018.
"""

from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from checkout.models import Checkout
from merchants.queries import registered_origins

COOKIE = "bnpl_opening"
FRAMES = frozenset({"iframe", "frame"})
Mode = Literal["redirect", "popup", "embedded"]


@dataclass(frozen=True, slots=True)
class Opening:
    """How a checkout was opened, and the origin of the shop's page that is told of the end; empty if no page is told."""

    mode: Mode
    origin: str

    @property
    def is_page(self) -> bool:
        """Whether the checkout is a page of its own, which returns to the shop's address."""
        return self.mode == "redirect"


def is_framed(request: HttpRequest) -> bool:
    """Return whether the browser loads this page into a frame; a script cannot forge the header."""
    return request.headers.get("Sec-Fetch-Dest", "") in FRAMES


def read_opening(request: HttpRequest, checkout: Checkout) -> Opening:
    """Return how a checkout was opened: read from the address of its first page, from the cookie on later pages."""
    said, _, told = request.COOKIES.get(COOKIE, "").partition("|")
    if "mode" in request.GET:
        said, told = request.GET["mode"], request.GET.get("origin", "")
    origins = registered_origins(checkout.merchant)
    origin = told if told in origins else origins[0] if len(origins) == 1 else ""
    mode: Mode = "embedded" if is_framed(request) else "popup" if said == "popup" else "redirect"
    return Opening(mode, "" if mode == "redirect" else origin)


def keep_opening(request: HttpRequest, response: HttpResponse, checkout: Checkout, opening: Opening) -> None:
    """Remember how the widget opened a checkout, for this checkout alone, until the browser is closed."""
    if "mode" in request.GET:
        value, path = f"{opening.mode}|{opening.origin}", f"/checkout/{checkout.public_id}"
        response.set_cookie(COOKIE, value, path=path, httponly=True, samesite="Lax", secure=settings.SECURE)
