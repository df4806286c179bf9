"""The facts of a purchase for tests of documents, without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import translation

from core.locales import page_locale
from plans.documents.facts import Borrower, Facts, Item, Law, Lender, Payment, Shop
from plans.documents.reading import Paper, papers_of
from plans.documents.writing import write_documents

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
MARKETS = {
    "US": ("en_US", "USD", Law("US", 0, "lending")),
    "GB": ("en_GB", "GBP", Law("GB", 14, "key")),
    "DK": ("da_DK", "DKK", Law("DK", 14, "standard")),
    "SE": ("sv_SE", "SEK", Law("SE", 14, "standard")),
    "DE": ("de_DE", "EUR", Law("DE", 14, "standard")),
    "AU": ("en_AU", "AUD", Law("AU", 0, "")),
}
LANGUAGES = ("en", "da", "sv", "de")


def facts(market: str = "DK", *, count: int = 6, **changed: Any) -> Facts:
    """Return the facts of a purchase in a market, in the present language."""
    locale, currency, law = MARKETS[market]
    payments = tuple(Payment(n, date(2026, 12, 28) + timedelta(days=30 * (n - 1)), 35_000, 1_200, "day") for n in range(1, count + 1))
    given: dict[str, Any] = {
        "day": date(2026, 11, 28),
        "locale": page_locale(locale),
        "law": law,
        "lender": Lender("kvart", "Kvart Finance Inc.", "4 Example Square, Exampleville", "help@kvart.example"),
        "borrower": Borrower("con_019abc", "Łukasz Đorđević-İşığ", "Vesterbrogade 12, 1620 København V"),
        "shop": Shop("Trailhead Outdoor", "Trailhead ApS"),
        "order": "TR-1001",
        "checkout": "chk_019abc",
        "items": (Item(1, "Tent", 33_800 * count),),
        "currency": currency,
        "principal_minor": 33_800 * count,
        "interest_minor": 1_200 * count,
        "apr_bps": 1490,
        "rate_bps": 1400,
        "refund_rule": "last_first",
        "payments": payments,
        "ships_later": True,
        "authorization_days": 28,
        "smallest_minor": 250,
    }
    return Facts(**(given | changed))


def papers(market: str = "DK", language: str = "en", **changed: Any) -> dict[str, Paper]:
    """Return the documents of a purchase in a language, as they are kept."""
    with translation.override(language):
        return papers_of(write_documents(facts(market, **changed)).as_json(AT))
