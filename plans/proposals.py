"""What two people agree on about a product of a market: a new version of it, its first, or that it is offered no longer."""

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from controls.kinds import Kind, Values
from core.errors import Invalid, NotFound
from core.sentences import Sentence
from markets.models import Market
from markets.queries import get_market
from plans import services
from plans.models import Product
from plans.offers import OFFER, check_terms, subject_of_product, terms_of
from plans.queries import list_versions
from plans.rules.terms import is_code
from plans.texts import TERMS, product_name, term_text

__all__ = ["OFFERED", "VERSION", "Offer", "parts_of_product", "subject_of_product"]

OFFERED, VERSION = "offered", "version"


class Offer(Kind):
    """What is on offer of a product from a day on: all terms of a version, or nothing (`offered` is false).

    One kind for beginning, changing and ending, so that one thing at a time is proposed about a product.
    """

    name, about, title = OFFER, "offer", gettext_lazy("Terms of a product")

    def subject_name(self, subject: str) -> str:
        """Return the product's name, or the code of one that was never offered, and the market."""
        market, code = parts_of_product(subject)
        versions = list_versions(market.code, code)
        return f"{product_name(versions[0]) if versions else code}, {market.country}"

    def zone(self, subject: str) -> str:
        """Return the market's time zone."""
        return parts_of_product(subject)[0].time_zone

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the terms on offer, and the number of the newest version."""
        market, code = parts_of_product(subject)
        versions = list_versions(market.code, code)
        offered = next((one for one in versions if one.active), None)
        found = {OFFERED: offered is not None, VERSION: versions[0].version if versions else 0}
        return found | (terms_of(offered) if offered else {})

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse terms that cannot be offered, or that the market's law forbids on the day; Invalid names the term."""
        market, _code = parts_of_product(subject)
        if starts_on is None:
            raise Invalid("Say from which day.", fields={"starts_on": Sentence("say from which day")})
        terms = {name: value for name, value in after.items() if name != OFFERED}
        if after.get(OFFERED) is False and not terms:
            return
        if after.get(OFFERED) is not True:
            raise Invalid("This cannot be changed here.")
        check_terms(market=market, terms=terms, on=starts_on)

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Offer the version, or nothing any more; return the version that began or ended."""
        market, code = parts_of_product(subject)
        if not after[OFFERED]:
            return _outcome(services.stop_offering(market=market, code=code, at=at))
        terms = {name: value for name, value in after.items() if name != OFFERED}
        return _outcome(services.offer_version(market=market, code=code, terms=terms, at=at))

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a term's name and its value in words."""
        return str(TERMS[name]), term_text(name, value, parts_of_product(subject)[0].currency)

    def link(self, subject: str) -> str:
        """Return the product's page; that of all products for one that was never offered."""
        market, code = parts_of_product(subject)
        newest = Product.objects.filter(market=market, code=code).order_by("-version").first()
        return reverse("admin:plans_product_change", args=[newest.pk]) if newest else reverse("admin:plans_product_changelist")

    def preview(self, proposal: uuid.UUID) -> str:
        """Return the page that shows what people would pay."""
        return reverse("admin:plans_product_proposed", args=[proposal])


def _outcome(version: Product) -> str:
    """Name a version as the record keeps it, in no language."""
    return f"{version.code} v{version.version} {version.market_id}"


def parts_of_product(subject: str) -> tuple[Market, str]:
    """Return the market and the code of a subject; NotFound."""
    market, _sign, code = subject.partition(":")
    if not is_code(code):
        raise NotFound("There is no such product.")
    return get_market(market), code
