"""The providers of the accounts app, by the accounts of the installation (`core.providers`)."""

from accounts.gateways.base import IdentityProvider, Verifier
from core import providers
from core.providers import Capability


def identity_provider(*, market: str = "") -> IdentityProvider:
    """Return the provider that checks who people are in a market; ProviderMissing."""
    provider: IdentityProvider = providers.connect(providers.first(Capability.IDENTITY, market=market).code)
    return provider


def verifier() -> Verifier:
    """Return the provider that sends and checks one-time codes; ProviderMissing."""
    found: Verifier = providers.connect(providers.first(Capability.CODES).code)
    return found
