"""What every page needs: the lender's brand, and whether this is a sandbox."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from brands.queries import PageBrand, brand_of
from core.locales import page_locale

STARTS = ("/admin/", "/merchant/")
"""The start pages of those who do not start at `/`."""


def brand(request: HttpRequest | None = None) -> dict[str, Any]:
    """Return the brand of the page, whether this is a sandbox, the locale of plain pages, languages to choose from, and the start page."""
    path = request.path if request else ""
    return spoken_by(brand_of(request)) | {"start": next((start for start in STARTS if path.startswith(start)), "/")}


def spoken_by(speaker: PageBrand) -> dict[str, Any]:
    """Return the same for a page of a given brand, without a database query."""
    return {
        "brand": speaker,
        "sandbox": settings.SANDBOX,
        "sandbox_url": f"{settings.SANDBOX_PUBLIC_URL}/{get_language()}",
        "locale": page_locale("en_US"),
        "language": get_language(),
        "languages": settings.LANGUAGES,
    }
