"""Content of an exchange rate's page: the value of one euro, its days, and the rates before and after."""

from typing import Any

from core.moments import day_words
from markets.models import ExchangeRate
from markets.texts import euro_words

SHOWN = 30


def facts_of(rate: ExchangeRate) -> dict[str, Any]:
    """Return all parts of a rate's page; two queries."""
    rates = ExchangeRate.objects.filter(currency=rate.currency)
    after = rates.filter(date__gt=rate.date).order_by("date").first()
    return {
        "named": f"{rate.currency}, {day_words(rate.date)}",
        "rate": rate,
        "euro": euro_words(rate),
        "until": after.date if after else None,
        "rates": [{"id": one.pk, "day": one.date, "euro": euro_words(one)} for one in rates.order_by("-date")[:SHOWN]],
    }
