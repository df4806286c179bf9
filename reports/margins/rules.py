"""What a group of sales earned and is expected to lose; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

MONTHS = 24
"""So many months are counted, the present one included."""
DAYS_OF_YEAR = 365
WHOLE_BPS = 10_000
MILLION = 1_000_000
FEW_UNITS = 1_000
"""A loss rate counts as if so many units of the currency had ended at the average of all grades: few sales prove little."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of a group of sales in minor units of one currency.

    `financed_minor` is what was captured and not refunded, without the deposits that were paid. `money_days` is the sum of each
    installment's principal times the days for which it was lent; `lost_minor` was charged off and is not
    paid since; `open_minor` is owed and includes `late_minor`, which is overdue. `sources_minor` is what bureaus and registers cost,
    `banks_minor` what readings of bank accounts did, and `gateways_minor` what gateways take for charges. `rated_minor` is the open money
    that is not overdue and for which a decision stored a probability, and `defaults_minor` how much of it is in a default by that.
    """

    plans: int = 0
    financed_minor: int = 0
    fees_minor: int = 0
    interest_minor: int = 0
    money_days: int = 0
    open_minor: int = 0
    late_minor: int = 0
    lost_minor: int = 0
    sources_minor: int = 0
    banks_minor: int = 0
    gateways_minor: int = 0
    rated_minor: int = 0
    defaults_minor: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        """Add two groups."""
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Sums)))

    @property
    def asked_minor(self) -> int:
        """What was paid for knowing people: bureaus, registers and banks."""
        return self.sources_minor + self.banks_minor

    @property
    def ended_minor(self) -> int:
        """The money that is no longer lent, because it was paid back or lost."""
        return max(self.financed_minor - self.open_minor, 0)


@dataclass(frozen=True, slots=True)
class Margin:
    """What a group of sales earns and costs in minor units: `money` is the cost of the lent money.

    The losses still expected are of open money in time `by_chance` where decisions stored a probability, else `by_grade`, and of overdue
    money `overdue`.
    """

    sums: Sums
    money_minor: int
    by_chance_minor: int
    by_grade_minor: int
    overdue_minor: int

    @property
    def expected_minor(self) -> int:
        """The losses still expected."""
        return self.by_chance_minor + self.by_grade_minor + self.overdue_minor

    @property
    def minor(self) -> int:
        """What is left."""
        costs = self.money_minor + self.sums.asked_minor + self.sums.gateways_minor
        return self.sums.fees_minor + self.sums.interest_minor - costs - self.sums.lost_minor - self.expected_minor

    @property
    def bps(self) -> int | None:
        """What is left of what was financed, in basis points; None if nothing was."""
        return share_bps(self.minor, self.sums.financed_minor)

    @property
    def loss_bps(self) -> int | None:
        """Known and expected losses of what was financed, in basis points; None if nothing was."""
        return share_bps(self.sums.lost_minor + self.expected_minor, self.sums.financed_minor)


def share_bps(part: int, whole: int) -> int | None:
    """Return part of whole in basis points, rounded; None of nothing."""
    return (2 * part * WHOLE_BPS + whole) // (2 * whole) if whole > 0 else None


def loss_rates(by_grade: Mapping[str, Sums], unit_minor: int) -> dict[str, int]:
    """Return the share of ended money that was lost, by grade, in millionths; a grade with little of it comes near the average of all.

    `unit_minor` is one unit of the currency in minor units.
    """
    whole, few = sum(by_grade.values(), Sums()), FEW_UNITS * unit_minor
    at_average = whole.lost_minor * few // whole.ended_minor if whole.ended_minor else 0
    return {grade: MILLION * (one.lost_minor + at_average) // (one.ended_minor + few) for grade, one in by_grade.items()}


def margin_of(parts: Iterable[tuple[Sums, int]], *, funds_bps: int, late_pct: int, lgd_bps: int) -> Margin:
    """Return the margin of a group from its parts, each with its loss rate in millionths.

    `funds_bps` is what lent money costs in a year, in basis points. `late_pct` of overdue money is expected to be lost; of other open money
    what is in a default by the stored probabilities, times `lgd_bps`, which is lost in one; without a probability, the part's loss rate.
    Amounts are rounded down.
    """
    sums, by_grade = Sums(), 0
    for one, rate in parts:
        sums += one
        by_grade += (one.open_minor - one.late_minor - one.rated_minor) * rate
    money, by_chance = sums.money_days * funds_bps // (WHOLE_BPS * DAYS_OF_YEAR), sums.defaults_minor * lgd_bps // WHOLE_BPS
    return Margin(sums, money, by_chance, by_grade // MILLION, sums.late_minor * late_pct // 100)
