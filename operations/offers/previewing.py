"""Quotes of a proposed version of a product beside those of the version on offer, payment by payment."""

from collections.abc import Mapping
from datetime import date
from itertools import zip_longest
from typing import Any

from controls.queries import Difference, differences_of
from core.moments import amount_words, day_words, percent_words
from core.sentences import translated
from plans.models import Product
from plans.offers import duties, law_faults, law_on, quotes_at, typical_amounts
from plans.proposals import OFFERED, Offer
from plans.queries import Quote
from plans.rules.shop_interest import steps_of
from plans.rules.terms import TERMS


def preview(*, new: Product, present: Product | None, start: date, amount: int | None) -> dict[str, Any]:
    """Return the quotes of a proposed version and of the present one on a date, and what the law requires of it.

    The quotes are for three typical amounts and, if given, one more; minor units.
    """
    amounts = sorted({*typical_amounts(new), *([amount] if amount else [])})
    after = quotes_at(new, amounts, start)
    before = quotes_at(present, amounts, start) if present else {}
    law = law_on(new.market, start)
    told = [quote for quote in after.values() if quote is not None]
    return {
        "shipped": day_words(start),
        "amounts": [_at(minor, new.currency, before.get(minor), after[minor]) for minor in amounts],
        "has_present": present is not None,
        "shop_pays": new.shop_rate_bps > 0 or (present is not None and present.shop_rate_bps > 0),
        "duties": [translated(one) for one in duties(new, law, told)],
        "breaks": [translated(fault) for fault in law_faults(new, law, start).values()],
    }


def term_differences(subject: str, present: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Return the terms that differ, in words, in display order."""
    return differences_of(Offer(), subject, present, {name: new[name] for name in (OFFERED, *TERMS) if name in new})


def _at(minor: int, currency: str, before: Quote | None, after: Quote | None) -> dict[str, Any]:
    rows = zip_longest(before.installments if before else (), after.installments if after else ())
    return {
        "amount": amount_words(minor, currency),
        "before": _totals(before),
        "after": _totals(after),
        "rows": [
            {
                "number": number,
                "before": (day_words(was.due_date), amount_words(was.amount_minor, currency)) if was else None,
                "after": (day_words(now.due_date), amount_words(now.amount_minor, currency)) if now else None,
            }
            for number, (was, now) in enumerate(rows, 1)
        ],
    }


def _shop_pays(quote: Quote) -> int:
    payments = [(row.due_date, row.principal_minor) for row in quote.installments]
    return sum(minor for _day, minor in steps_of(payments, quote.start, quote.product.shop_rate_bps))


def _totals(quote: Quote | None) -> dict[str, str] | None:
    if quote is None:
        return None
    return {
        "total": amount_words(quote.total_minor, quote.currency),
        "interest": amount_words(quote.interest_minor, quote.currency),
        "service": amount_words(quote.service_minor, quote.currency),
        "deposit": amount_words(quote.deposit_minor, quote.currency),
        "apr": percent_words(quote.apr_bps),
        "shop": amount_words(_shop_pays(quote), quote.currency),
    }
