"""The data sources of the credit app, by the accounts of the installation (`core.providers`)."""

from core import providers
from core.providers import Capability
from credit.gateways.base import DataSource


def data_source(*, market: str = "") -> DataSource:
    """Return the source of credit reports in a market; ProviderMissing."""
    source: DataSource = providers.connect(providers.first(Capability.BUREAU, market=market).code)
    return source
