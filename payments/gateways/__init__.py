"""Find a gateway's adapter by its account and by capability: `Cards`, `Payouts`, `Disputes`, `Reports`, `Events` (`core.providers`)."""

from typing import TypeVar

from core import providers
from core.errors import NotFound
from core.providers import Capability

Able = TypeVar("Able")
forget, use = providers.forget, providers.use


def connect(account: str, capability: type[Able]) -> Able:
    """Return the adapter of an account that has a capability, e.g. `Cards`; NotFound."""
    adapter = providers.connect(account)
    if not isinstance(adapter, capability):
        raise NotFound("There is no such gateway.")
    return adapter


def for_cards(*, market: str = "", currency: str = "") -> str:
    """Return the account that stores new cards; ProviderMissing."""
    return providers.first(Capability.CARDS, market=market, currency=currency).code


def for_payouts(*, currency: str) -> str:
    """Return the account from which shops are paid; ProviderMissing."""
    return providers.first(Capability.PAYOUTS, currency=currency).code
