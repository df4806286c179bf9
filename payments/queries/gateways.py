"""Reads of gateways: what they serve, which are in use, and how far their events were read."""

from core import providers
from core.db import rows
from core.errors import NotFound
from core.ids import parse_id
from core.providers import Capability, ProviderMissing
from payments import gateways
from payments.gateways.base import Events, Outcome, Payouts, Takings
from payments.models import EventReading
from payments.queries.movements import load_charges, load_payouts
from payments.queries.refunds import load_refunds


def smallest_charge(gateway: str, currency: str) -> int:
    """Return the smallest amount that a gateway holds, charges or pulls in a currency, in minor units."""
    return gateways.connect(gateway, Takings).smallest(currency)


def smallest_new_charge(market: str, currency: str, brand: str | None = "") -> int:
    """Return the smallest charge to a card that is added now by a customer of a brand, in minor units; 1 if no card can be added."""
    try:
        return smallest_charge(gateways.for_cards(market=market, currency=currency, brand=brand), currency)
    except ProviderMissing:
        return 1


def serves_pulls(*, market: str, currency: str, brand: str | None = "") -> bool:
    """Return whether customers of a brand in a market can add a bank account that is debited in a currency."""
    return bool(providers.choose(Capability.PULLS, market=market, currency=currency, brand=brand))


_GATEWAYS = """
    WITH RECURSIVE found AS (
        (SELECT gateway FROM payments_paymentmethod ORDER BY gateway LIMIT 1)
        UNION ALL
        SELECT (SELECT m.gateway FROM payments_paymentmethod m WHERE m.gateway > found.gateway ORDER BY m.gateway LIMIT 1)
        FROM found WHERE found.gateway IS NOT NULL)
    SELECT gateway FROM found WHERE gateway IS NOT NULL"""


def list_gateways() -> list[str]:
    """Return the gateways that store any payment method; reads one index entry for each gateway, however many methods there are."""
    return [name for (name,) in rows(_GATEWAYS)]


def list_reporting() -> list[str]:
    """Return the accounts whose lists of events are read: those in use, and those that still store cards of consumers."""
    providers.refresh()
    used = set(list_gateways())
    return [
        account.code
        for account in providers.list_accounts()
        if (account.active or account.code in used) and Capability.REPORTS in providers.get_provider(account.provider).capabilities
    ]


def list_readings() -> dict[str, EventReading]:
    """Return how far the gateways' lists of events have been read, by account."""
    return {reading.gateway: reading for reading in EventReading.objects.all()}


def find_door(name: str) -> Events:
    """Return the gateway that may send events under a name: it is in use, or still stores cards of consumers; NotFound.

    A live installation accepts no events from the sandbox's gateway.
    """
    providers.refresh()
    if not providers.get_account(name).active and name not in list_gateways():
        raise NotFound("There is no such gateway.")
    return gateways.connect(name, Events)


def find_at_gateway(public_id: str) -> Outcome | None:
    """Look up a charge, refund or payout at its gateway by public id; None if we or the gateway know no such movement."""
    prefix = public_id.partition("_")[0]
    try:
        key = parse_id(prefix, public_id)
    except NotFound:
        return None
    if prefix == "chg":
        return next((gateways.find_charge(request) for request in load_charges([key])), None)
    if prefix == "rfd":
        return next((gateways.find_refund(request) for request in load_refunds([key])), None)
    if prefix == "pay":
        return next((gateways.connect(request.gateway, Payouts).find_payout(request) for request in load_payouts([key])), None)
    return None
