"""Names of the places to which a rule can be limited: brands, markets and shops."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.classes import Classes, class_title
from brands.queries import list_brands
from controls.telling import NameOf
from core.errors import NotFound
from core.formats import country_name
from core.ids import parse_id
from markets.queries import list_markets
from merchants.models import Merchant
from operations.choosing import all_brands, all_markets

MOST_SHOPS = 500


def names_in(contents: Sequence[Mapping[str, Any]], more: Sequence[str] = ()) -> NameOf:
    """Return the names of the places in rules, and of further shops by their public ids; one query."""
    rules = [rule for content in contents for rule in content.get("rules", [])]
    shops = {str((rule.get("scope") or {}).get("merchant") or "") for rule in rules} | set(more)
    keys = []
    for shop in shops - {""}:
        try:
            keys.append(parse_id(Merchant.PREFIX, shop))
        except NotFound:
            continue
    named = {shop.public_id: shop.name for shop in Merchant.objects.filter(pk__in=keys)} if keys else {}
    brands = {brand.code: brand.name for brand in list_brands()}

    def name_of(what: str, value: str) -> str:
        if what == "group":
            return _("the group %(name)s") % {"name": class_title("group", value)}
        if what == "market":
            return country_name(value) or value
        return (brands if what == "brand" else named).get(value, value)

    return name_of


def is_known(what: str, code: str) -> bool:
    """Return whether there is such a place; at most one query."""
    if what == "merchant":
        try:
            return Merchant.objects.filter(pk=parse_id(Merchant.PREFIX, code)).exists()
        except NotFound:
            return False
    known = {"brand": [one.code for one in list_brands()], "market": [one.code for one in list_markets()], "group": Classes("group")}
    return code in known[what]


def options() -> dict[str, list[tuple[str, str]]]:
    """Return the brands, markets and shops that a form offers, by their codes; two queries at most."""
    shops = Merchant.objects.order_by("name", "pk")[:MOST_SHOPS]
    return {
        "brand": [("", _("All brands")), *all_brands()],
        "market": [("", _("All markets")), *all_markets()],
        "group": [("", _("All groups")), *Classes("group").items()],
        "merchant": [("", _("All shops")), *((shop.public_id, shop.name) for shop in shops)],
    }
