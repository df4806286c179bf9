"""The data sources of the credit app, by the installation's accounts with them (`core.providers`)."""

from core import providers
from core.errors import NotFound
from core.providers import Capability
from credit.gateways.banks import BankSource
from credit.gateways.base import DataSource
from credit.gateways.registers import RegisterSource
from credit.gateways.terms import BankTerms, bank_terms_of


def data_source(*, market: str = "", brand: str | None = "") -> DataSource:
    """Return the source of credit reports in a market for a brand; ProviderMissing."""
    source: DataSource = providers.connect(providers.first(Capability.BUREAU, market=market, brand=brand).code)
    return source


def list_sources(*, market: str, currency: str, brand: str | None) -> list[DataSource]:
    """Return the sources of credit reports in a market and a currency for a brand, the first to be asked first; ProviderMissing."""
    found = providers.in_order(Capability.BUREAU, market=market, currency=currency, brand=brand)
    return [providers.connect(account.code) for account in found]


def find_source(code: str) -> DataSource | None:
    """Return the source of an account by its code, or None if the account is gone; no query."""
    try:
        source: DataSource = providers.connect(code)
    except NotFound:
        return None
    return source


def find_register(register: str, *, market: str, currency: str, brand: str | None) -> RegisterSource | None:
    """Return the company that asks a register, by its code, in a market and a currency for a brand, or None; no query."""
    found = providers.choose(Capability.REGISTER, market=market, currency=currency, brand=brand)
    sources: list[RegisterSource] = [providers.connect(account.code) for account in found]
    return next((source for source in sources if source.reaches(register)), None)


def data_source_of(asked: str, *, market: str = "", brand: str | None = "") -> DataSource:
    """Return the source of an earlier inquiry, by the account name stored with it; if that account is gone, the current source."""
    return find_source(asked) or data_source(market=market, brand=brand)


def find_bank_of(code: str) -> BankSource | None:
    """Return the provider of open banking of an account by its code, or None if the account is gone."""
    try:
        source: BankSource = providers.connect(code)
    except NotFound:
        return None
    return source


def find_bank_terms(code: str) -> BankTerms:
    """Return what an account with a provider of open banking costs; nothing if the account is gone."""
    try:
        return bank_terms_of(providers.get_account(code))
    except NotFound:
        return BankTerms()


def find_bank(*, market: str, currency: str, brand: str | None) -> BankSource | None:
    """Return the provider of open banking in a market and a currency for a brand, or None: then nobody can show their income."""
    found = providers.choose(Capability.OPEN_BANKING, market=market, currency=currency, brand=brand)
    source: BankSource | None = providers.connect(found[0].code) if found else None
    return source
