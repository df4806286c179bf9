"""The providers of the accounts app, by the installation's accounts with them (`core.providers`)."""

from accounts.gateways.base import IdentityProvider, Verifier
from accounts.gateways.screening import ScreeningProvider
from core import providers
from core.providers import Capability


def identity_provider(*, market: str = "", brand: str | None = "") -> IdentityProvider:
    """Return the provider that checks identities in a market for a brand; ProviderMissing."""
    provider: IdentityProvider = providers.connect(providers.first(Capability.IDENTITY, market=market, brand=brand).code)
    return provider


def identity_provider_of(check_by: str, *, market: str = "", brand: str | None = "") -> IdentityProvider:
    """Return the provider of an earlier check, by the account name stored with it; if that account is gone, the current provider."""
    asked = [one for one in providers.list_accounts() if one.code == check_by and Capability.IDENTITY in one.capabilities]
    if not asked:
        return identity_provider(market=market, brand=brand)
    provider: IdentityProvider = providers.connect(asked[0].code)
    return provider


def verifiers(brand: str | None = "", market: str = "") -> list[str]:
    """Return the accounts that send a brand's one-time codes, in order of preference; ProviderMissing if there is none."""
    return [account.code for account in providers.in_order(Capability.CODES, market=market, brand=brand)]


def verifier(account: str) -> Verifier:
    """Return the provider that sends and checks the one-time codes of an account."""
    found: Verifier = providers.connect(account)
    return found


def find_screening(*, market: str, brand: str | None) -> ScreeningProvider | None:
    """Return the company that screens a market's people for a brand, or None."""
    found = providers.choose(Capability.SCREENING, market=market, brand=brand)
    provider: ScreeningProvider | None = providers.connect(found[0].code) if found else None
    return provider
