"""The plans that a person is shown for a purchase as they are kept: each plan with its price, why it was offered or left out, and again."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from accounts.queries import home_state
from checkout.models import Checkout, ShownOffer
from checkout.quoting import least_deposit, monthly_of, start_of, where_at
from core.db import pages
from core.money import Money
from credit.rules import Inputs
from plans.models import Product
from plans.offers import lawful_in, without_forbidden
from plans.queries import Quote, is_for, list_products, make_quote, spans

MOST_PLANS = 40
"""The most plans of one offer that are kept; a market has a handful."""
PAGE = 500
_SEALED = ("checkout__items", "checkout__customer", "checkout__metadata")


class Why(StrEnum):
    """Why a plan was offered: to everybody, or by a rule; or why it was left out."""

    EVERYBODY = "everybody"
    RULE = "rule"
    AUDIENCE = "audience"
    SCOPE = "scope"
    REPLACED = "replaced"
    AMOUNT = "amount"
    WITHHELD = "withheld"
    LAW = "law"
    STATE = "state"
    PAYMENTS = "payments"


OFFERED = frozenset({Why.EVERYBODY, Why.RULE})


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan as it was shown, or left out; amounts in minor units of the checkout's currency.

    `product` and `version` name the version of the product, whose terms never change. `installments` are (due date, principal, interest) as
    if the shop shipped on the day when they were shown; the first after a deposit asks the service fee beside. Empty and 0 for a plan that
    was left out.
    What who pays late is charged is no part of it: that is agreed with the plan.
    """

    product: str
    version: int
    why: str
    apr_bps: int = 0
    deposit_minor: int = 0
    interest_minor: int = 0
    service_minor: int = 0
    total_minor: int = 0
    installments: Sequence[Sequence[Any]] = ()

    @property
    def is_offered(self) -> bool:
        """Whether the person could choose it."""
        return self.why in OFFERED


def plan_shown(quote: Quote, why: Why) -> ShownPlan:
    """Return a quote in the form that is kept."""
    return ShownPlan(
        quote.product.code,
        quote.product.version,
        why.value,
        apr_bps=quote.apr_bps,
        deposit_minor=quote.deposit_minor,
        interest_minor=quote.interest_minor,
        service_minor=quote.service_minor,
        total_minor=quote.total_minor,
        installments=[[row.due_date.isoformat(), row.principal_minor, row.interest_minor] for row in quote.installments],
    )


def plans_shown(checkout: Checkout, quotes: Sequence[Quote], at: datetime, deposit_minor: int | None = None) -> list[ShownPlan]:
    """Return the offered plans, and then the market's other plans with the reason for which each was left out.

    `quotes` are what `checkout.quoting.checkout_quotes` returned for the same checkout, moment and deposit.
    """
    offered = {quote.product.pk for quote in quotes}
    by_rule = checkout.ruled.get("offer", {})
    found = [plan_shown(one, Why.RULE if one.product.code in by_rule else Why.EVERYBODY) for one in quotes]
    others = [one for one in list_products(checkout.merchant.market_id, checkout.created_at) if one.pk not in offered]
    replaced = {quote.product.stands_for for quote in quotes}
    found += [ShownPlan(one.code, one.version, _left_out(checkout, one, at, deposit_minor, replaced).value) for one in others]
    return found[:MOST_PLANS]


def _left_out(checkout: Checkout, product: Product, at: datetime, deposit_minor: int | None, replaced: AbstractSet[str]) -> Why:
    """Return why a product is not offered for a checkout, in the order in which `checkout_quotes` asks."""
    least = least_deposit(checkout, deposit_minor)
    told = {
        Why.AUDIENCE: is_for(product, checkout.ruled.get("offer", {})),
        Why.SCOPE: product.scope.fits(where_at(checkout.merchant, checkout.consumer)),
        Why.AMOUNT: spans(product, checkout.amount_minor, least),
        Why.WITHHELD: product.code not in checkout.withheld,
    }
    broken = next((why for why, holds in told.items() if not holds), None)
    if broken is not None:
        return broken
    quote = make_quote(product, Money(checkout.amount_minor, checkout.currency), start_of(checkout, at), least_deposit_minor=least)
    if not without_forbidden([quote], at):
        return Why.LAW
    if not lawful_in([quote], home_state(checkout.consumer), at):
        return Why.STATE
    return Why.REPLACED if replaced & {product.code, product.stands_for} - {""} else Why.PAYMENTS


def rules_shown(checkout: Checkout) -> dict[str, Any]:
    """Return the rules that changed a checkout's offer, by the product's code, or `deposit`."""
    found: dict[str, Any] = {**checkout.ruled.get("offer", {}), **checkout.withheld}
    return found | ({"deposit": checkout.ruled["deposit"]} if "deposit" in checkout.ruled else {})


def plans_of(shown: ShownOffer) -> list[ShownPlan]:
    """Return the plans of an offer as they were shown, in the order of the page."""
    return [ShownPlan(**one) for one in shown.plans]


def as_json(plans: Sequence[ShownPlan]) -> list[dict[str, Any]]:
    """Return plans as JSON values; a plan that was left out has only its product and the reason."""
    return [{name: value for name, value in asdict(one).items() if value} for one in plans]


def shown_again(shown: ShownOffer, products: Mapping[tuple[str, str, int], Product]) -> dict[str, tuple[object, object]]:
    """Calculate the offered plans again from the versions of their products; return what differs, by product, as (shown, now).

    Also tells a plan whose payments the person could not afford by the decision. `products` are by market, code and version.
    """
    amount = Money(shown.amount_minor, shown.checkout.currency)
    free = Inputs.from_json(shown.decision.inputs).free_minor if shown.decision.inputs else None
    found: dict[str, tuple[object, object]] = {}
    for one in plans_of(shown):
        if not one.is_offered:
            continue
        product = products.get((shown.checkout.merchant.market_id, one.product, one.version))
        if product is None:
            found[one.product] = (f"version {one.version}", "no such version")
            continue
        quote = make_quote(product, amount, shown.starts_on, least_deposit_minor=shown.least_deposit_minor)
        before, now = as_json([one, plan_shown(quote, Why(one.why))])
        if before != now:
            found[one.product] = (before, now)
        elif free is not None and monthly_of(quote) > free:
            found[one.product] = (f"{monthly_of(quote)} in a month", f"at most {free}")
    return found


def replay_shown() -> Iterator[tuple[ShownOffer, dict[str, tuple[object, object]]]]:
    """Calculate all offers again, the oldest first, as `core.db.pages` reads them."""
    products = {(one.market_id, one.code, one.version): one for one in Product.objects.select_related("market")}
    found = ShownOffer.objects.select_related("decision", "checkout__merchant").defer(*_SEALED)
    for page in pages(found, PAGE):
        yield from ((one, shown_again(one, products)) for one in page)


def in_words(shown: ShownOffer) -> Iterator[str]:
    """Return a line for each plan of an offer, for the command line."""
    for one in plans_of(shown):
        name, currency = f"{one.product} v{one.version}", shown.checkout.currency
        if one.is_offered:
            amounts = [principal + interest for _day, principal, interest in one.installments]
            told = f"{name}, offered: {one.why}, {len(amounts)} payments, {Money(one.total_minor, currency).text()} together"
            more = f", a deposit of {Money(one.deposit_minor, currency).text()}" if one.deposit_minor else ""
            yield f"{told}, APR {one.apr_bps} bps{more}"
        else:
            rule = shown.ruled.get(one.product, {}).get("rule", "") if one.why == Why.WITHHELD else ""
            yield f"{name}, left out: {one.why}" + (f" by {rule}" if rule else "")
