"""Facts for rules of what a person's own bank accounts showed, and the rules with them that operators may choose."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from controls.rule_kinds import shipped_rule
from controls.rules.facts import Fact, FactType, share_of
from controls.units import DAYS, PAYMENTS

BANK_FACTS = (
    Fact(
        "gambling",
        FactType.SHARE,
        _("the share of gambling in what came in"),
        _("On the person's own bank accounts, of up to twelve months, where they showed them."),
        0.05,
    ),
    Fact(
        "below_zero_30d",
        FactType.WHOLE,
        _("the number of days below zero of the last 30"),
        _("All of the person's own bank accounts together, where they showed them."),
        3,
        DAYS,
    ),
    Fact(
        "lowest_balance",
        FactType.AMOUNT,
        _("the lowest balance"),
        _("All of the person's own bank accounts together, of up to twelve months; below zero for what was overdrawn."),
        45_000,
    ),
    Fact(
        "returned_90d",
        FactType.WHOLE,
        _("the number of debits that came back in the last 90 days"),
        _("Those that the person's bank returned, for lack of money or for other reasons."),
        0,
        PAYMENTS,
    ),
    Fact(
        "lenders",
        FactType.SHARE,
        _("the share of the income that other lenders are paid"),
        _("Of a month, on the person's own bank accounts, where they showed them; more than 1 is possible."),
        0.2,
    ),
    Fact(
        "steady_income",
        FactType.SHARE,
        _("the share of the months with the usual income"),
        _("Those within 25 % of it, on the person's own bank accounts, where they showed them."),
        0.9,
    ),
)
"""No market's law forbids them: they tell income and spending (Directive (EU) 2023/2225, Article 18(3)), and no special category."""

LIMITS_SUGGESTED: dict[str, Any] = {
    "rules": [
        shipped_rule("gambling-fifth", "Gambling above a fifth of income", 30, "gambling > 0.2", "factor", "much_gambling", value=0.5),
        shipped_rule("debits-back", "Two or more debits came back", 40, "returned_90d >= 2", "factor", "debits_returned", value=0.7),
    ],
    "examples": [
        {"name": "A quarter goes to gambling", "facts": {"gambling": 0.25}, "expects": ["factor"]},
        {"name": "A lottery ticket a week", "facts": {"gambling": 0.02, "returned_90d": 0}, "expects": []},
    ],
}
"""Rules about limits that operators may choose."""
ORDERS_SUGGESTED = shipped_rule("below-zero", "Below zero on more than 10 of 30 days", 40, "below_zero_30d > 10", "hold", "unusual")
"""A rule about orders that operators may choose: people look at the order."""


def facts_of_bank(banked: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the facts, from what a decision used of the person's bank accounts (`credit.rules.Inputs.banked`); None where it did not."""
    told = banked or {}
    gambling, steady, income = told.get("gambling_bps"), told.get("steady_bps"), told.get("income_minor")
    return {
        "gambling": None if gambling is None else gambling / 10_000,
        "below_zero_30d": told.get("below_zero_30d"),
        "lowest_balance": told.get("lowest_minor"),
        "returned_90d": told.get("returned_90d"),
        "lenders": share_of(told.get("lenders_minor", 0), income) if income else None,
        "steady_income": None if steady is None else steady / 10_000,
    }
