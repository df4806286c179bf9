"""The gateways, by the account that a movement was made with and by what they are asked for (`core.providers`)."""

from typing import Any

from core import providers
from core.errors import NotFound
from core.providers import Capability
from payments.gateways.base import Cards, Disputes, Events, Payouts, Reports

forget, use = providers.forget, providers.use


def cards(account: str) -> Cards:
    """Return who takes cards under an account; NotFound."""
    found: Cards = _able(account, Cards)
    return found


def payouts(account: str) -> Payouts:
    """Return who pays shops under an account; NotFound."""
    found: Payouts = _able(account, Payouts)
    return found


def disputes(account: str) -> Disputes:
    """Return who tells of disputes under an account; NotFound."""
    found: Disputes = _able(account, Disputes)
    return found


def reports(account: str) -> Reports:
    """Return who reports what was moved under an account; NotFound."""
    found: Reports = _able(account, Reports)
    return found


def events(account: str) -> Events:
    """Return who leaves events under an account; NotFound."""
    found: Events = _able(account, Events)
    return found


def for_cards(*, market: str = "", currency: str = "") -> str:
    """Return the account with which new cards are kept; ProviderMissing."""
    return providers.first(Capability.CARDS, market=market, currency=currency).code


def for_payouts(*, currency: str) -> str:
    """Return the account from which shops are paid; ProviderMissing."""
    return providers.first(Capability.PAYOUTS, currency=currency).code


def _able(account: str, kind: type) -> Any:
    adapter = providers.connect(account)
    if not isinstance(adapter, kind):
        raise NotFound("There is no such gateway.")
    return adapter
