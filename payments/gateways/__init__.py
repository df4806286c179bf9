"""Find a gateway's adapter by its account and by capability: `Cards`, `Pulls`, `Payouts`, `Disputes`, `Reports` (`core.providers`)."""

from typing import TypeVar

from core import providers
from core.errors import NotFound
from core.providers import Capability
from payments.gateways.base import Cards, ChargeRequest, Outcome, Pulls, RefundRequest, Status, Takings
from payments.outside import NO_WAY_BACK, OUTSIDE

Able = TypeVar("Able")
forget, use = providers.forget, providers.use


def connect(account: str, capability: type[Able]) -> Able:
    """Return the adapter of an account that has a capability, e.g. `Cards`; NotFound."""
    adapter = providers.connect(account)
    if not isinstance(adapter, capability):
        raise NotFound("There is no such gateway.")
    return adapter


def for_cards(*, market: str = "", currency: str = "", brand: str | None = "") -> str:
    """Return the account that stores new cards of a brand's customers; ProviderMissing."""
    return providers.first(Capability.CARDS, market=market, currency=currency, brand=brand).code


def for_pulls(*, market: str = "", currency: str = "", brand: str | None = "") -> str:
    """Return the account that stores new bank accounts of a brand's customers; ProviderMissing."""
    return providers.first(Capability.PULLS, market=market, currency=currency, brand=brand).code


def charge(request: ChargeRequest) -> Outcome:
    """Charge a card, or pull from a bank account."""
    if request.is_pull:
        return connect(request.gateway, Pulls).pull(request)
    return connect(request.gateway, Cards).charge(request)


def find_charge(request: ChargeRequest) -> Outcome | None:
    """Look a charge or a pull up by its key; None where the gateway never heard of it."""
    if request.is_pull:
        return connect(request.gateway, Pulls).find_pull(request)
    return connect(request.gateway, Cards).find_charge(request)


def refund(request: RefundRequest) -> Outcome:
    """Give money back to a payment method; what came by a person's own transfer goes back by a transfer by hand instead."""
    if request.gateway == OUTSIDE:
        return Outcome(Status.FAILED, failure=NO_WAY_BACK)
    return connect(request.gateway, Takings).refund(request)


def find_refund(request: RefundRequest) -> Outcome | None:
    """Look a refund up by its key; None where the gateway never heard of it, or where there is no gateway."""
    return None if request.gateway == OUTSIDE else connect(request.gateway, Takings).find_refund(request)
