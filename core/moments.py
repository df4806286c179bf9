"""Days, moments and amounts as the back office and its letters write them: in the language of the page, in UTC."""

from datetime import UTC, date, datetime
from decimal import Decimal

from core.formats import DEFAULT_LOCALE, clock_time_text, day_text, number_text, percent_text
from core.locales import page_locale
from core.money import Money
from core.sentences import Figure


def day_words(day: date, style: str = "year") -> str:
    """Write a day: `year` "Dec 6, 2026", `full` "Sun, Dec 6, 2026", `short` "Dec 6"."""
    return day_text(day, page_locale(DEFAULT_LOCALE), style)


def moment_words(at: datetime, style: str = "year") -> str:
    """Write a moment in UTC: "Dec 6, 2026 10:42 UTC"; `hour` "10:42 UTC"."""
    there = at.astimezone(UTC)
    time = f"{clock_time_text(there, desk_locale())} UTC"
    return time if style == "hour" else f"{day_words(there.date(), style)} {time}"


def desk_locale() -> str:
    """Return the locale of pages without a market, such as the back office: the reader's language with that language's own country."""
    return page_locale(DEFAULT_LOCALE)


def amount_words(minor: int, currency: str) -> str:
    """Write minor units of a currency as money: "$57.25", "57,25 kr."."""
    return Figure(Money(minor, currency).text(desk_locale()), "amount", minor, currency)


def percent_words(bps: int) -> str:
    """Write basis points as a percentage: "14.9%", "14,9 %"."""
    return Figure(percent_text(bps, desk_locale()), "percent", bps)


def number_words(value: float | str) -> str:
    """Write a number without trailing zeros: "1.5", "1,5"."""
    return Figure(number_text(Decimal(str(value)).normalize() + 0, desk_locale()), "number", value)
