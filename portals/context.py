"""What every page needs: the lender's brand, and whether this is a sandbox."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def brand(_request: HttpRequest | None = None) -> dict[str, Any]:
    """Return the lender's brand, whether this is a sandbox, and the locale of plain pages."""
    return {"brand": settings.BRAND, "sandbox": settings.SANDBOX, "sandbox_url": settings.SANDBOX_PUBLIC_URL, "locale": "en_US"}
