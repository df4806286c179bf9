"""Price by risk: whether rules about offers make a credit dearer or cheaper by how likely it is paid back, and the law against that."""

from datetime import date

from controls.rules.sets import Rule, Then
from markets.queries import find_setting
from plans.models import Product
from plans.rules.terms import EVERYBODY

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
    rates = {one.rate_bps for one in products if one.audience == EVERYBODY and one.code != mine.code and one.rate_bps}
    if then.outcome == offer:
        return mine.audience != EVERYBODY and mine.rate_bps > 0 and mine.rate_bps not in rates
    return mine.audience == EVERYBODY and mine.rate_bps > 0 and any(rate > mine.rate_bps for rate in rates)


def law_against(market_code: str, on: date) -> str:
    """Return the law by which no price may follow the risk in a market on a date; empty if it may. One query."""
    setting = find_setting(market_code, PRICE_BY_RISK, on)
    return "" if setting is None or setting.value["allowed"] else str(setting.value["law"])
