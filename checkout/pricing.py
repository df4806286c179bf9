"""Price by risk: whether rules about offers make a credit dearer or cheaper by how likely it is paid back, and what the law says."""

from datetime import date, datetime

from checkout.models import Checkout
from checkout.quoting import where_at
from controls.rules.sets import Rule, Then
from core.clock import local_date
from credit.queries import bureau_of
from markets.queries import find_setting
from plans.documents.facts import Pricing
from plans.models import Product
from plans.queries import Quote
from plans.rules.terms import EVERYBODY

FREE_DAYS = 60
"""Days for which the report is free where the market's setting says nothing (15 U.S.C. 1681j(b))."""

PRICE_BY_RISK = "price_by_risk"
"""The market's setting that says whether the price of a credit may follow the risk, and by which law."""
OF_RISK = frozenset(
    {
        *("score", "grade", "default_risk", "limit", "used", "limit_share", "thin_file", "banked", "known"),
        *("paid_on_time", "paid_late", "overdue", "customer_days", "customer_risk_class", "customer_loyalty"),
    }
)
"""The facts that tell how likely a person is to pay back."""


def is_by_risk(rule: Rule) -> bool:
    """Return whether a rule looks at how likely a person is to pay back."""
    conditions = [line.when for line in rule.lines] + [condition for band in rule.bands for condition, _points in band.bounds]
    return any(condition.uses & OF_RISK for condition in conditions)


def changes_price(then: Then, market_code: str, *, offer: str, withhold: str) -> bool:
    """Return whether what follows from a rule makes credit dearer or cheaper for some people of a market; one query.

    It does if it offers a product of a rate that not everybody is offered, or leaves out one that is cheaper than another. `offer` and
    `withhold` are the names of these outcomes.
    """
    if then.outcome not in {offer, withhold}:
        return False
    products = list(Product.objects.filter(market_id=market_code, active=True))
    mine = next((one for one in products if one.code == then.value), None)
    if mine is None:
        return False
    common = [one for one in products if one.audience == EVERYBODY and one.scope.is_all and one.code != mine.code]
    rates = {one.rate_bps for one in common if one.rate_bps}
    if then.outcome == offer:
        return mine.audience != EVERYBODY and mine.rate_bps > 0 and mine.rate_bps not in rates
    return mine.audience == EVERYBODY and mine.rate_bps > 0 and any(rate > mine.rate_bps for rate in rates)


def pricing_of(checkout: Checkout, quote: Quote, at: datetime) -> Pricing | None:
    """Return what a risk-based pricing notice about a plan has to tell; None if none is due.

    It is due where the market's law allows a price by risk only with it, if a credit report was used, and if others are offered credit of
    a lower rate that this person is not (12 CFR 1022.72(a)). At most three queries, and none about a plan without interest.
    """
    decision, rate = checkout.decision, quote.product.rate_bps
    if decision is None or decision.inquiry_id is None or not rate or checkout.consumer is None:
        return None
    market, zone = checkout.merchant.market_id, checkout.consumer.time_zone
    if not _is_notice_due(market, local_date(at, zone)) or not _is_cheaper_for_others(checkout, rate):
        return None
    inquiry, bureau = decision.inquiry, bureau_of(decision)
    assert inquiry is not None
    free = find_setting(market, "adverse_action.free_report_days", local_date(at, zone))
    return Pricing(
        bureau=bureau.get("name", ""),
        address=bureau.get("address", ""),
        phone=bureau.get("phone", ""),
        free_days=free.value if free else FREE_DAYS,
        score=bureau["score"],
        lowest=bureau.get("lowest_score", 0),
        highest=bureau.get("highest_score", 0),
        on=local_date(inquiry.answered_at or decision.at, zone),
        factors=tuple(bureau["factors"]),
    )


def _is_notice_due(market_code: str, on: date) -> bool:
    """Return whether a price may follow the risk only with a notice. Where the setting's row does not say, in the United States alone."""
    setting = find_setting(market_code, PRICE_BY_RISK, on)
    return setting is not None and setting.value["allowed"] and setting.value.get("notice", market_code == "US")


def _is_cheaper_for_others(checkout: Checkout, rate_bps: int) -> bool:
    """Return whether a plan of a lower rate is on offer for the amount, but not for this person."""
    fits = {"minimum_minor__lte": checkout.amount_minor, "maximum_minor__gte": checkout.amount_minor}
    cheaper = Product.objects.filter(market_id=checkout.merchant.market_id, active=True, rate_bps__gt=0, rate_bps__lt=rate_bps, **fits)
    mine, where = checkout.ruled.get("offer", {}), where_at(checkout.merchant, checkout.consumer)
    kept_from = [one for one in cheaper if one.code in checkout.withheld or (one.audience != EVERYBODY and one.code not in mine)]
    return any(one.scope.fits(where) for one in kept_from)


def law_against(market_code: str, on: date) -> str:
    """Return the law by which no price may follow the risk in a market on a date; empty if it may. One query."""
    setting = find_setting(market_code, PRICE_BY_RISK, on)
    return "" if setting is None or setting.value["allowed"] else str(setting.value["law"])
