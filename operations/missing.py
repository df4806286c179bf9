"""Finds capabilities that have no provider in a market where shops sell."""

from core import clock
from core.provider_accounts import WORDS
from core.providers import Capability, Place, list_missing
from core.sentences import Sentence
from markets.queries import list_registers
from merchants.models import Merchant

OPTIONAL = {
    Capability.PULLS: "people pay by card only",
    Capability.OPEN_BANKING: "nobody can show their income",
    Capability.SIGN_IN: "people sign in by codes and passkeys",
    Capability.PICTURES: "reviewers look at them",
}
"""Capabilities that an installation may lack, and what follows."""
TYPED_IN = frozenset({Capability.REGISTER, Capability.SCREENING})
"""Capabilities whose accounts are typed in once the installation runs; until then decisions go by the policy of each market."""


def list_places() -> set[Place]:
    """Return the markets in which shops sell, each with its currency and the shop's brand; one query."""
    shops = Merchant.objects.filter(active=True).order_by().values_list("market_id", "market__currency", "brand_id").distinct()
    return {Place(market, currency, brand) for market, currency, brand in shops}


def list_unserved() -> list[str]:
    """Return a sentence for each capability without a provider, which names the markets and brands concerned."""
    places, today = list_places(), clock.now().date()
    named = {place for place in places if list_registers(place.market, today)}
    found = {one: list_missing(one, named if one == Capability.REGISTER else places) for one in Capability if one not in OPTIONAL}
    return [
        Sentence("%(what)s: nobody is asked in %(where)s", what=str(WORDS[one]), where=", ".join(dict.fromkeys(map(_name, lacking))))
        for one, lacking in found.items()
        if lacking
    ]


def _name(place: Place) -> str:
    return f"{place.market} ({place.currency})"
