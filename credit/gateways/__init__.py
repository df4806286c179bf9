"""The data sources of the credit app, chosen by the installation and loaded when first asked for."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from credit.gateways.base import DataSource


def data_source() -> DataSource:
    """Return the source of credit reports."""
    if not settings.SANDBOX:
        raise ImproperlyConfigured("no credit bureau is configured for live mode")
    from credit.gateways.sandbox_bureau import SandboxBureau

    return SandboxBureau()
