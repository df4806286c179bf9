"""Preview of a product version: its quotes, made as the checkout makes them, and what the market's law says about it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from core.clock import local_date
from core.errors import refuse
from core.moments import amount_words, percent_words
from core.money import Money, exponent
from core.sentences import Sentence
from markets.models import Market, MarketSetting
from markets.queries import FEE_CAPS, SERVICE_FEE, list_rows, settings_in_force
from plans.models import Product
from plans.queries import Quote, make_quote
from plans.rules.rates import NoRateError
from plans.rules.terms import ADDED, TERMS, Caps, Figures, cap_faults, service_faults, term_faults

APR_CAPS = ("apr.cap_bps", "apr.military_cap_bps")
"""Caps of the APR; of several the smallest counts, since a product is offered to everybody in a market."""
STATE_CAPS = {"NY": "apr.new_york_cap_bps"}
"""The setting of a state's own cap of the APR, by the state's code: a plan above it is not offered to people who live there."""
STATES = {"NY": "New York"}
ABOVE_REFERENCE, REFERENCE, COST = "interest.cap_above_reference_bps", "interest.reference_bps", "total_cost.cap_bps"
CLOSED_END, ADVERTISING, DEFERRED = "disclosure.closed_end", "advertising.apr_below_bps", "deferred_payment_credit"
READ = (*APR_CAPS, *STATE_CAPS.values(), ABOVE_REFERENCE, REFERENCE, COST, CLOSED_END, ADVERTISING, DEFERRED, SERVICE_FEE, FEE_CAPS)
OFFER = "plans.offer"
"""The kind of proposals about what is on offer."""
AHEAD_DAYS = 60
"""Operators are warned this many days before a law forbids a product on offer."""
_TYPICAL = {"DKK": (450, 1_500, 6_000), "SEK": (600, 2_000, 8_000)}
_ELSEWHERE = (60, 200, 800)


LAWS_TURN = f"""EXISTS (SELECT FROM markets_marketsetting WHERE key IN ({", ".join(f"'{key}'" for key in READ)}) AND (
    valid_from BETWEEN %(at)s::date - 2 AND %(at)s::date + 1 OR valid_to BETWEEN %(at)s::date - 2 AND %(at)s::date + 1))"""
"""SQL: whether a market setting about credit law begins or ends within about a day of `at`."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A product on offer that the law forbids from a day on; `faults` has the broken cap by the name of the term."""

    product: Product
    day: date
    faults: Mapping[str, str]


def subject_of_product(market_code: str, code: str) -> str:
    """Return the subject of proposals about a product, whether it was ever offered or not."""
    return f"{market_code}:{code}"


def forbidden_today(at: datetime) -> list[Forbidden]:
    """Return the products on offer that their market's law forbids today, in the market's time zone; two queries."""
    return _forbidden(lambda _settings, today: [today], at)


def forbidden_soon(at: datetime) -> list[Forbidden]:
    """Return the products on offer that will be forbidden within `AHEAD_DAYS`, each with the first such day; two queries."""
    return _forbidden(_turning_days, at)


def without_forbidden(quotes: Sequence[Quote], at: datetime) -> list[Quote]:
    """Return one market's quotes, less those of ended versions that the law now forbids.

    One query if any quote is of an ended version, else none. Forbidden versions still on offer are ended by `services.end_forbidden`.
    """
    ended = [quote.product for quote in quotes if not quote.product.active]
    if not ended:
        return list(quotes)
    today = local_date(at, ended[0].market.time_zone)
    law = law_on(ended[0].market, today)
    forbidden = {product.pk for product in ended if law_faults(product, law, today)}
    return [quote for quote in quotes if quote.product.pk not in forbidden]


def lawful_in(quotes: Sequence[Quote], state: str, at: datetime) -> list[Quote]:
    """Return one market's quotes without those above the cap of the person's state (its code), or of any state if theirs is unknown.

    One query if there may be such a cap and any quote has interest or a service fee, else none.
    """
    costly = [quote for quote in quotes if not quote.product.is_free]
    if not costly or not costly[0].product.market.region_label or (state and state not in STATE_CAPS):
        return list(quotes)
    market, keys = costly[0].product.market, [STATE_CAPS[state]] if state else [*STATE_CAPS.values()]
    most = min(settings_in_force(market.code, keys, local_date(at, market.time_zone)).values(), default=None)
    return [quote for quote in quotes if most is None or quote.apr_bps <= most]


def _turning_days(settings: Iterable[MarketSetting], today: date) -> list[date]:
    """Return the future days, up to `AHEAD_DAYS` ahead, on which the law changes."""
    turns = {day for one in settings for day in (one.valid_from, one.valid_to) if day is not None}
    return sorted(day for day in turns if today < day <= today + timedelta(days=AHEAD_DAYS))


def _forbidden(days_of: Callable[[Sequence[MarketSetting], date], list[date]], at: datetime) -> list[Forbidden]:
    laws: dict[str, list[MarketSetting]] = {}
    for row in list_rows(READ):
        laws.setdefault(row.market_id, []).append(row)
    found: list[Forbidden] = []
    for product in Product.objects.filter(active=True).select_related("market").order_by("market_id", "position", "id"):
        rows = laws.get(product.market_id, [])
        for day in days_of(rows, local_date(at, product.market.time_zone)):
            faults = law_faults(product, _law_among(rows, day), day)
            if faults:
                found.append(Forbidden(product, day, faults))
                break
    return found


def _law_among(rows: Iterable[MarketSetting], on: date) -> dict[str, Any]:
    """Return a market's values in force on a date; `rows` are sorted by their first day."""
    return {row.key: row.value for row in rows if row.valid_from <= on and (row.valid_to is None or row.valid_to > on)}


def draft_of(market: Market, code: str, terms: Mapping[str, Any], version: int = 0) -> Product:
    """Return an unsaved version of a product, for quotes."""
    return Product(market=market, code=code, version=version, **{name: terms[name] if name in terms else ADDED[name] for name in TERMS})


def terms_of(product: Product) -> dict[str, Any]:
    """Return the terms of a version as plain values."""
    return {name: getattr(product, name) for name in TERMS}


def typical_amounts(product: Product) -> list[int]:
    """Return up to three typical purchase amounts in the product's currency, in minor units, within the range of the product."""
    unit = 10 ** exponent(product.currency)
    wanted = [amount * unit for amount in _TYPICAL.get(product.currency, _ELSEWHERE)]
    return sorted({min(max(one, product.minimum_minor), product.maximum_minor) for one in wanted})


def quotes_at(product: Product, amounts: Iterable[int], start: date) -> dict[int, Quote | None]:
    """Return a version's quotes by amount in minor units; None for amounts that it is not offered for."""
    fits = {minor: product.minimum_minor <= minor <= product.maximum_minor for minor in amounts}
    return {minor: make_quote(product, Money(minor, product.currency), start) if fits[minor] else None for minor in fits}


def asks_service_fee() -> bool:
    """Return whether any product on offer has a service fee, so that nothing says that who pays on time pays no fee; one query."""
    return Product.objects.filter(Q(service_minor__gt=0) | Q(service_bps__gt=0), active=True).exists()


def law_on(market: Market, on: date) -> dict[str, Any]:
    """Return a market's settings on cost caps and disclosures in force on a date; one query."""
    return settings_in_force(market.code, READ, on)


def caps_of(law: Mapping[str, Any]) -> Caps:
    """Return the caps from a market's settings; a missing reference rate counts as 0, which gives the stricter cap."""
    above, caps = law.get(ABOVE_REFERENCE), [law[key] for key in APR_CAPS if key in law]
    return Caps(
        apr_bps=min(caps, default=None),
        rate_bps=None if above is None else above + law.get(REFERENCE, 0),
        cost_bps=law.get(COST),
    )


def law_faults(product: Product, law: Mapping[str, Any], start: date) -> dict[str, str]:
    """Return the caps that a version breaks, by the name of the term, checked at its smallest, its largest and typical amounts."""
    amounts = sorted({product.minimum_minor, product.maximum_minor, *typical_amounts(product)})
    try:
        figures = [
            Figures(amount_words(one.principal_minor, one.currency), one.principal_minor, one.cost_minor, one.apr_bps, one.service_minor)
            for one in (make_quote(product, Money(minor, product.currency), start) for minor in amounts)
        ]
    except NoRateError:
        return {"rate_bps" if product.rate_bps else "service_minor": Sentence("makes no APR that could be told")}
    faults = service_faults(law.get(SERVICE_FEE), FEE_CAPS in law, figures)
    return faults or cap_faults(caps_of(law), product.rate_bps, figures, percent_words)


def check_terms(*, market: Market, terms: Mapping[str, Any], at: datetime | None = None, on: date | None = None) -> None:
    """Refuse terms that cannot be offered from `on`, or at `at`; Invalid names the term and the broken cap of the law."""
    terms = {**ADDED, **terms}
    refuse(term_faults(terms) if set(terms) == set(TERMS) else {"name": Sentence("must come with all terms")})
    day = on if on is not None or at is None else local_date(at, market.time_zone)
    assert day is not None
    refuse(law_faults(draft_of(market, "draft", terms), law_on(market, day), day))


def duties(product: Product, law: Mapping[str, Any], quotes: Sequence[Quote]) -> list[str]:
    """Return sentences on what the law demands of the lender for such a product: required documents, limits on advertising."""
    found: list[str] = []
    rule = law.get(CLOSED_END)
    if rule is not None and (not product.is_free or product.count > rule["installments_above"]):
        found.append(Sentence("Closed-end disclosures are due (Regulation Z): there is a finance charge, or more than four payments."))
    most = law.get(ADVERTISING)
    if most is not None and any(quote.apr_bps >= most for quote in quotes):
        found.append(Sentence("It cannot be advertised: its APR reaches %(most)s.", most=percent_words(most)))
    for state, key in STATE_CAPS.items():
        if key in law and any(quote.apr_bps > law[key] for quote in quotes):
            told = {"state": STATES[state], "most": percent_words(law[key])}
            found.append(Sentence("It is not offered to people in %(state)s, where the law permits an APR of %(most)s.", **told))
    rule = law.get(DEFERRED)
    if rule is not None and not _is_deferred(product, rule, quotes):
        found.append(Sentence("It is ordinary regulated credit here, not deferred payment credit: it has a cost, or takes too long."))
    return found


def _is_deferred(product: Product, rule: Mapping[str, Any], quotes: Sequence[Quote]) -> bool:
    days = timedelta(days=31 * rule["max_months"])
    short = all(quote.installments[-1].due_date - quote.start <= days for quote in quotes)
    return product.is_free and product.count <= rule["max_installments"] and short
