"""A person's monthly budget, and what of relief fits it. Pure."""

from dataclasses import dataclass

from plans.rules.hardship import PAUSE, SMALLER, HardshipRules
from plans.rules.schedule import ProductTerms, period_days


@dataclass(frozen=True, slots=True)
class Budget:
    """Income and costs of a household in a month, in minor units.

    `living_minor` is all but housing; `priority_minor` are debts that come before ours, such as arrears of rent, power and maintenance.
    """

    income_minor: int
    housing_minor: int
    living_minor: int
    dependants: int
    priority_minor: int

    def left_minor(self, standard_minor: int) -> int:
        """Return what is left in a month for other debts; living costs count with the market's standard at least. May be negative."""
        return self.income_minor - self.housing_minor - max(self.living_minor, standard_minor) - self.priority_minor


def standard_living(affordability: dict[str, int], dependants: int) -> int:
    """Return a market's standard for living costs of a household in a month, without housing; 0 where the market has none."""
    return affordability.get("living_minor", 0) + dependants * affordability.get("dependant_minor", 0)


def fitting_count(open_minor: int, left_minor: int, terms: ProductTerms) -> int:
    """Return the least number of equal payments, one an interval, that what is left in a month pays; 0 if nothing is left."""
    each = left_minor if terms.interval == "monthly" else left_minor * 12 * period_days(terms) // 365
    return -(-open_minor // each) if each > 0 else 0


def number_refused(kind: str, number: int, open_count: int, rules: HardshipRules) -> str:
    """Return why so many days or payments cannot be offered: `most`, `not_smaller`, or an empty text."""
    most = {PAUSE: rules.two_days, SMALLER: rules.two_count}[kind]
    if not 0 < number <= most:
        return "most"
    return "not_smaller" if kind == SMALLER and number < open_count else ""


def takes_two(kind: str, number: int, rules: HardshipRules) -> bool:
    """Return whether so many days or payments are more than one operator may offer alone."""
    return number > {PAUSE: rules.alone_days, SMALLER: rules.alone_count}[kind]
