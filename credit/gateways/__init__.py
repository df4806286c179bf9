"""The data sources of the credit app, by the installation's accounts with them (`core.providers`)."""

from core import providers
from core.providers import Capability
from credit.gateways.base import DataSource


def data_source(*, market: str = "", brand: str | None = "") -> DataSource:
    """Return the source of credit reports in a market for a brand; ProviderMissing."""
    source: DataSource = providers.connect(providers.first(Capability.BUREAU, market=market, brand=brand).code)
    return source


def data_source_of(asked: str, *, market: str = "", brand: str | None = "") -> DataSource:
    """Return the source of an earlier inquiry, by the account name stored with it; if that account is gone, the current source."""
    known = [one for one in providers.list_accounts() if one.code == asked and Capability.BUREAU in one.capabilities]
    if not known:
        return data_source(market=market, brand=brand)
    source: DataSource = providers.connect(known[0].code)
    return source
