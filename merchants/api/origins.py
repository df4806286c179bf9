"""The URLs to which a merchant may send people and events."""

from collections.abc import Mapping

from django.conf import settings

from core.errors import Invalid
from core.sentences import Sentence
from core.web_addresses import origin_of
from merchants.models import Merchant
from merchants.queries import registered_origins


def check_origins(merchant: Merchant, urls: Mapping[str, str], field: str) -> None:
    """Refuse URLs outside a merchant's registered origins; a sandbox accepts any. Invalid names the field."""
    if settings.SANDBOX:
        return
    origins = registered_origins(merchant)
    fault: str = Sentence("is not one of your registered origins")
    faults = {f"{field}.{name}": fault for name, url in urls.items() if origin_of(url) not in origins}
    if faults:
        raise Invalid("Register this address's origin first.", code="merchant.origin_not_registered", fields=faults)
