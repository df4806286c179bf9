"""What the legal texts say of a market, a brand and this installation, each from where it is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from babel import Locale
from django.conf import settings
from django.utils.translation import gettext as _

from brands.queries import PageBrand
from core.locales import page_locale
from markets.models import Market
from markets.queries import find_complaints
from portals import devices, language
from portals.checkout import opening
from portals.consumer.account.kept import list_periods

DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Place:
    """The law on personal data of a market, its kind (the mark of paragraphs), and the authority that watches over it."""

    kind: str
    law: str
    authority: str
    site: str


PLACES = {
    "DK": Place("GDPR", "GDPR (EU) 2016/679, databeskyttelsesloven", "Datatilsynet", "www.datatilsynet.dk"),
    "SE": Place("GDPR", "GDPR (EU) 2016/679, lag (2018:218)", "Integritetsskyddsmyndigheten (IMY)", "www.imy.se"),
    "DE": Place("GDPR", "DSGVO (EU) 2016/679, BDSG", "Datenschutzaufsichtsbehörde des Bundeslandes", "www.bfdi.bund.de"),
    "GB": Place("GDPR", "UK GDPR, Data Protection Act 2018", "Information Commissioner's Office (ICO)", "ico.org.uk"),
    "US": Place("US", "Gramm-Leach-Bliley Act, Fair Credit Reporting Act, CCPA", "Federal Trade Commission", "reportfraud.ftc.gov"),
    "AU": Place("AU", "Privacy Act 1988", "Office of the Australian Information Commissioner (OAIC)", "www.oaic.gov.au"),
}
"""By market. A market without one has no legal pages."""


def facts_of(market: Market, brand: PageBrand, on: date) -> dict[str, str]:
    """Return the facts by the names that the texts use."""
    place = PLACES[market.code]
    complaints = find_complaints(market.code, on)
    return {
        "brand": brand.name,
        "lender": brand.legal_name or brand.name,
        "address": brand.address,
        "email": brand.support_email or brand.mail_address,
        "country": country_of(market),
        "age": str(market.minimum_age),
        "law": place.law,
        "authority": place.authority,
        "authority_site": place.site,
        "body": complaints.get("body") or place.authority,
        "body_site": complaints.get("site") or place.site,
        "kept": "\n".join(f"- {line}" for line in list_periods(market.code, on)),
        "cookies": _table((_("Cookie"), _("What for"), _("How long")), list_cookies()),
    }


def country_of(market: Market) -> str:
    """Return the name of a market's country in the page's language."""
    return str(Locale.parse(page_locale(market.locale)).territories[market.code])


def list_cookies() -> list[tuple[str, str, str]]:
    """Return every cookie of the pages: its name, what for, and how long it lasts."""
    lasting = [
        (settings.SESSION_COOKIE_NAME, _("Keeps you signed in, and a purchase under way"), settings.SESSION_COOKIE_AGE),
        (devices.COOKIE, _("Recognizes the browser in which you signed in"), devices.AGE_S),
        (settings.CSRF_COOKIE_NAME, _("Lets forms come from our own pages alone"), settings.CSRF_COOKIE_AGE),
        (settings.LANGUAGE_COOKIE_NAME, _("Keeps the language that you chose"), language.YEAR_S),
    ]
    found = [(f"`{name}`", what, _("%(days)s days") % {"days": age // DAY_S}) for name, what, age in lasting]
    return [*found, (f"`{opening.COOKIE}`", _("Keeps how the shop opened your purchase"), _("Until the browser is closed"))]


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *lines))
