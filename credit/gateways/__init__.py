"""The data sources of the credit app, by the accounts of the installation (`core.providers`)."""

from core import providers
from core.providers import Capability
from credit.gateways.base import DataSource


def data_source(*, market: str = "", brand: str | None = "") -> DataSource:
    """Return the source of credit reports in a market for a brand; ProviderMissing."""
    source: DataSource = providers.connect(providers.first(Capability.BUREAU, market=market, brand=brand).code)
    return source
