"""Where a merchant may have people and events sent to."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from core.errors import Invalid
from merchants.models import Merchant


def check_origins(merchant: Merchant, urls: Mapping[str, str], field: str) -> None:
    """Refuse addresses outside of a merchant's registered origins; a sandbox takes any. Invalid names the field."""
    if settings.SANDBOX:
        return
    faults = {
        f"{field}.{name}": "is not one of your registered origins" for name, url in urls.items() if origin_of(url) not in merchant.origins
    }
    if faults:
        raise Invalid("Register this address's origin first.", code="merchant.origin_not_registered", fields=faults)


def origin_of(url: str) -> str:
    """Return the scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
