"""The providers of the accounts app, by the accounts of the installation (`core.providers`)."""

from accounts.gateways.base import IdentityProvider, Verifier
from core import providers
from core.providers import Capability


def identity_provider(*, market: str = "", brand: str | None = "") -> IdentityProvider:
    """Return the provider that checks who people are in a market for a brand; ProviderMissing."""
    provider: IdentityProvider = providers.connect(providers.first(Capability.IDENTITY, market=market, brand=brand).code)
    return provider


def identity_provider_of(check_by: str, *, market: str = "", brand: str | None = "") -> IdentityProvider:
    """Return the provider that a check was asked of, by the name kept with it; where its account is gone, the one of today."""
    asked = [one for one in providers.list_accounts() if one.code == check_by and Capability.IDENTITY in one.capabilities]
    if not asked:
        return identity_provider(market=market, brand=brand)
    provider: IdentityProvider = providers.connect(asked[0].code)
    return provider


def verifiers(brand: str | None = "", market: str = "") -> list[str]:
    """Return the accounts that send a brand's one-time codes, the first choice first; ProviderMissing where there is none."""
    return [account.code for account in providers.in_order(Capability.CODES, market=market, brand=brand)]


def verifier(account: str) -> Verifier:
    """Return the provider that sends and checks the one-time codes of an account."""
    found: Verifier = providers.connect(account)
    return found
