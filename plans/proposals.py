"""Kinds of proposals about a market: what it offers of a product (a first version, a new version, or none any more), and its settings.

The kind for settings is here because `markets` and `controls` are in the same layer and may not import each other.
"""

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brands.queries import list_brands
from controls.kinds import Kind, Values
from core.errors import Invalid, NotFound
from core.sentences import Sentence
from markets import services as markets
from markets.catalog import spec_of, title_of, value_text
from markets.catalog_steps import OF_BRAND
from markets.checking import check_setting
from markets.models import Market, MarketSetting
from markets.queries import find_setting, get_market
from plans import services
from plans.models import Product
from plans.offers import OFFER, check_terms, subject_of_product, terms_of
from plans.queries import list_versions
from plans.rules.scopes import replaceable
from plans.rules.terms import STANDS_FOR, is_code
from plans.texts import TERMS, product_name, term_text

__all__ = ["OFFERED", "SOURCE", "VALUE", "VERSION", "Offer", "Setting", "parts_of_product", "subject_of_product", "subject_of_setting"]

OFFERED, VERSION = "offered", "version"
VALUE, SOURCE = "value", "source"


class Offer(Kind):
    """What is offered of a product from a day on: all terms of a version, or nothing (`offered` is false).

    One kind covers beginning, changing and ending, so that a product has only one open proposal at a time.
    """

    name, about, title = OFFER, "offer", gettext_lazy("Terms of a product")
    order = tuple(TERMS)

    def subject_name(self, subject: str) -> str:
        """Return the product's name (its code if it was never offered) and the market."""
        market, code = parts_of_product(subject)
        versions = list_versions(market.code, code)
        return f"{product_name(versions[0]) if versions else code}, {market.country}"

    def zone(self, subject: str) -> str:
        """Return the market's time zone."""
        return parts_of_product(subject)[0].time_zone

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the terms on offer and the number of the newest version."""
        market, code = parts_of_product(subject)
        versions = list_versions(market.code, code)
        offered = next((one for one in versions if one.active), None)
        found = {OFFERED: offered is not None, VERSION: versions[0].version if versions else 0}
        return found | (terms_of(offered) if offered else {})

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse terms that cannot be offered, or that the market's law forbids on the day; Invalid names the term."""
        market, code = parts_of_product(subject)
        if starts_on is None:
            raise Invalid("Say from which day.", fields={"starts_on": Sentence("say from which day")})
        terms = {name: value for name, value in after.items() if name != OFFERED}
        if after.get(OFFERED) is False and not terms:
            return
        if after.get(OFFERED) is not True:
            raise Invalid("This cannot be changed here.")
        check_terms(market=market, terms=terms, on=starts_on)
        other = terms.get(STANDS_FOR)
        offered = Product.objects.filter(market=market, active=True)
        if other and other not in {one.code for one in replaceable(code, offered)}:
            raise Invalid("This cannot be changed here.", fields={STANDS_FOR: Sentence("is none of the choices")})

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Offer the version, or stop offering the product; return the version that began or ended."""
        market, code = parts_of_product(subject)
        if not after[OFFERED]:
            return _outcome(services.stop_offering(market=market, code=code, at=at))
        terms = {name: value for name, value in after.items() if name != OFFERED}
        return _outcome(services.offer_version(market=market, code=code, terms=terms, at=at))

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a term's name and its value in words."""
        market = parts_of_product(subject)[0]
        if name == STANDS_FOR and value and (versions := list_versions(market.code, value)):
            value = product_name(versions[0])
        return str(TERMS[name]), term_text(name, value, market.currency)

    def link(self, subject: str) -> str:
        """Return the URL of the product's page, or of the list of products if it was never offered."""
        market, code = parts_of_product(subject)
        newest = Product.objects.filter(market=market, code=code).order_by("-version").first()
        return reverse("admin:plans_product_change", args=[newest.pk]) if newest else reverse("admin:plans_product_changelist")

    def preview(self, proposal: uuid.UUID) -> str:
        """Return the URL of the page that shows what people would pay."""
        return reverse("admin:plans_product_proposed", args=[proposal])


def _outcome(version: Product) -> str:
    """Return the identifier of a version for the record, in no language."""
    return f"{version.code} v{version.version} {version.market_id}"


def parts_of_product(subject: str) -> tuple[Market, str]:
    """Return the market and the code of a subject; NotFound."""
    market, _sign, code = subject.partition(":")
    if not is_code(code):
        raise NotFound("There is no such product.")
    return get_market(market), code


def subject_of_setting(market_code: str, key: str) -> str:
    """Return the subject of proposals about a setting of a market, whether or not the market has it yet."""
    return f"{market_code}:{key}"


class Setting(Kind):
    """The value of a market's setting and its source; readers of the setting see it from its first day."""

    name, about, title = "markets.setting", "offer", gettext_lazy("Setting of a market")

    def subject_name(self, subject: str) -> str:
        """Return the setting's name and the market."""
        market, key = _parts_of_setting(subject)
        return f"{title_of(key)}, {market.country}"

    def zone(self, subject: str) -> str:
        """Return the market's time zone."""
        return _parts_of_setting(subject)[0].time_zone

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the value and source in force on the day; empty if the market has no such setting."""
        market, key = _parts_of_setting(subject)
        found = find_setting(market.code, key, starts_on) if starts_on else None
        return {VALUE: found.value, SOURCE: found.source} if found else {}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that the setting cannot have; Invalid names the field."""
        market, key = _parts_of_setting(subject)
        if starts_on is None:
            raise Invalid("Say from which day.", fields={"starts_on": Sentence("say from which day")})
        if set(after) != {VALUE, SOURCE} or not isinstance(after[SOURCE], str):
            raise Invalid("This cannot be changed here.")
        check_setting(market=market.code, key=key, value=after[VALUE], source=after[SOURCE])
        if MarketSetting.objects.filter(market=market, key=key, valid_from=starts_on).exists():
            fault = Sentence("another value begins on this day already")
            raise Invalid("Another value begins on this day already.", fields={"starts_on": fault})

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Write the setting; return it and its first day."""
        market, key = _parts_of_setting(subject)
        assert starts_on is not None
        told: dict[str, Any] = {"value": after[VALUE], "source": after[SOURCE], "note": actor}
        return str(markets.add_setting(market=market, key=key, valid_from=starts_on, at=at, **told))

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the value in its unit, or the source."""
        market, key = _parts_of_setting(subject)
        return (_("Source"), str(value)) if name == SOURCE else (title_of(key), value_text(key, value, market.currency))

    def link(self, subject: str) -> str:
        """Return the setting's page."""
        return reverse("admin:markets_market_setting", args=subject.split(":"))

    def preview(self, proposal: uuid.UUID) -> str:
        """Return the URL of the page that lists the affected products."""
        return reverse("admin:markets_market_proposed", args=[proposal])


def _parts_of_setting(subject: str) -> tuple[Market, str]:
    market, _sign, key = subject.partition(":")
    brand = key.partition(OF_BRAND)[2]
    if spec_of(key) is None or (brand and brand not in {one.code for one in list_brands()}):
        raise NotFound("There is no such setting.")
    return get_market(market), key
