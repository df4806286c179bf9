"""Whether a person can afford the payments: what a market's law asks for, and what is left of their income after their costs; pure.

All amounts are for one month, in minor units of the purchase's currency. The bureau's figure (income less regular spending) is verified;
what the person declares is not. The smaller of the two counts, so nobody is lent more because of what they say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Self

FILE, FIGURES = CHECKS = ("file", "figures")
"""`file`: the credit file alone, below the amount from which figures are asked. `figures`: income against costs, for every agreement."""
TOO_HIGH, DIFFER, UNVERIFIED, RAISED = "payments_too_high", "figures_differ", "income_not_verified", "figures_raised"
"""The reason codes: to decline, and three to refer."""
WHOLE_BPS = 10_000
MOST_DEPENDANTS = 20


@dataclass(frozen=True, slots=True)
class Law:
    """What a market asks for on a day: the setting `affordability`, and as `version` the market with the setting's first day.

    `declared_from_minor` and `verified_from_minor` are what a person would owe in all, from which income and costs are asked, and from
    which they must be verified; None for never. `living_minor` is what an adult needs to live apart from housing, `dependant_minor` each
    dependant; `buffer_minor` must be left after the payments. A declaration counts for `valid_days`. People look at declared figures that
    leave more than `differs_bps` above the verified figure.
    """

    version: str
    check: str
    living_minor: int
    dependant_minor: int
    buffer_minor: int
    valid_days: int
    differs_bps: int
    declared_from_minor: int | None = None
    verified_from_minor: int | None = None

    @classmethod
    def of(cls, version: str, value: Mapping[str, Any]) -> Self:
        """Return the law that a setting states; parts that this version of the product does not know are ignored."""
        return cls(version=version, **{name: value[name] for name in cls.__dataclass_fields__ if name in value})

    def in_currency(self, factor: Fraction) -> Self:
        """Return the law with its amounts in another currency, rounded down; `factor` goes from the market's minor units to the other's."""
        amounts: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self) if one.name.endswith("_minor")}
        converted: dict[str, Any] = {name: value if value is None else int(value * factor) for name, value in amounts.items()}
        return replace(self, **converted)

    def living_of(self, dependants: int) -> int:
        """Return what a household of an adult and so many others needs to live in a month, in minor units, apart from housing."""
        return self.living_minor + dependants * self.dependant_minor

    def applies(self, owed_minor: int) -> bool:
        """Return whether affordability is assessed for a person who would owe an amount in all."""
        return self.check == FIGURES or self.asks(owed_minor)

    def asks(self, owed_minor: int) -> bool:
        """Return whether income and costs are asked."""
        return self.declared_from_minor is not None and owed_minor >= self.declared_from_minor

    def verifies(self, owed_minor: int) -> bool:
        """Return whether income and costs must be verified."""
        return self.verified_from_minor is not None and owed_minor >= self.verified_from_minor


@dataclass(frozen=True, slots=True)
class Declared:
    """What a person says of a month: income after tax, housing, payments for other credit, and how many people live on the income too."""

    income_minor: int
    housing_minor: int
    credit_minor: int
    dependants: int

    def left_minor(self, law: Law) -> int:
        """Return what is left of the income after costs; may be negative."""
        costs = self.housing_minor + self.credit_minor + law.living_of(self.dependants)
        return self.income_minor - costs


@dataclass(frozen=True, slots=True)
class Affordability:
    """What a decision knew of affordability: the law, the most that falls due in a month under the lightest plan, and what was declared.

    `raised`: it leaves more than what the person had declared when they were refused shortly before. `proven`: people saw what is left of
    the income, so nothing is asked.
    """

    law: Law
    payment_minor: int
    declared: Declared | None = None
    raised: bool = False
    proven: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Return what a decision stored; None for nothing."""
        if not stored:
            return None
        declared = Declared(**stored["declared"]) if stored["declared"] else None
        # Older decisions were stored without the last ones.
        later = {name: stored.get(name, False) for name in ("raised", "proven")}
        return cls(Law(**stored["law"]), stored["payment_minor"], declared, **later)

    def free_minor(self, verified_minor: int) -> int:
        """Return what the payments of a month may come to; `verified_minor` is the bureau's figure. May be negative."""
        left = verified_minor if self.declared is None else min(verified_minor, self.declared.left_minor(self.law))
        return left - self.law.buffer_minor

    def differs(self, verified_minor: int) -> bool:
        """Return whether the declared figures leave far more than the verified figure."""
        if self.declared is None:
            return False
        return (self.declared.left_minor(self.law) - verified_minor) * WHOLE_BPS > verified_minor * self.law.differs_bps


def is_missing(afford: Affordability | None, owed_minor: int) -> bool:
    """Return whether the law asks for figures that the person has not declared, and that people have not seen proven."""
    return afford is not None and afford.declared is None and not afford.proven and afford.law.asks(owed_minor)


def doubts_of(afford: Affordability, *, owed_minor: int, verified_minor: int, is_verified: bool) -> tuple[str, ...]:
    """Return the reasons for people to look at an approved person's figures; empty for none."""
    unverified = is_missing(afford, owed_minor) or (afford.law.verifies(owed_minor) and not is_verified)
    found = {DIFFER: afford.differs(verified_minor), UNVERIFIED: unverified, RAISED: afford.raised}
    return tuple(reason for reason, holds in found.items() if holds)


def with_amount(afford: Affordability | None, before_minor: int, after_minor: int) -> Affordability | None:
    """Return the same for another amount of the purchase: the payments change with it, rounded up."""
    if afford is None or not before_minor:
        return afford
    return replace(afford, payment_minor=-(-afford.payment_minor * after_minor // before_minor))
