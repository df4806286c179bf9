"""Find a gateway's adapter by its account and by capability: cards, payouts, disputes, reports, events (`core.providers`)."""

from typing import Any

from core import providers
from core.errors import NotFound
from core.providers import Capability
from payments.gateways.base import Cards, Disputes, Events, Payouts, Reports

forget, use = providers.forget, providers.use


def cards(account: str) -> Cards:
    """Return the adapter of an account that takes cards; NotFound."""
    found: Cards = _able(account, Cards)
    return found


def payouts(account: str) -> Payouts:
    """Return the adapter of an account that pays shops; NotFound."""
    found: Payouts = _able(account, Payouts)
    return found


def disputes(account: str) -> Disputes:
    """Return the adapter of an account that reports disputes; NotFound."""
    found: Disputes = _able(account, Disputes)
    return found


def reports(account: str) -> Reports:
    """Return the adapter of an account that reports movements; NotFound."""
    found: Reports = _able(account, Reports)
    return found


def events(account: str) -> Events:
    """Return the adapter of an account that sends events; NotFound."""
    found: Events = _able(account, Events)
    return found


def for_cards(*, market: str = "", currency: str = "") -> str:
    """Return the account that stores new cards; ProviderMissing."""
    return providers.first(Capability.CARDS, market=market, currency=currency).code


def for_payouts(*, currency: str) -> str:
    """Return the account from which shops are paid; ProviderMissing."""
    return providers.first(Capability.PAYOUTS, currency=currency).code


def _able(account: str, kind: type) -> Any:
    adapter = providers.connect(account)
    if not isinstance(adapter, kind):
        raise NotFound("There is no such gateway.")
    return adapter
