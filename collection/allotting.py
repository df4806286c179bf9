"""Which agency gets which debt, by what it leaves us and how it behaves. Pure: knows neither Django nor the clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Bidder:
    """An agency that may get debts: its share of what it brings in basis points, and its score from 0 to 100."""

    key: str
    rate_bps: int
    score: int

    @property
    def weight(self) -> int:
        """What it leaves us of 10,000, times its score; an agency of no weight gets nothing."""
        return (WHOLE - self.rate_bps) * self.score


def allot(
    debts: Sequence[tuple[str, int]], fitting: Mapping[str, Collection[str]], bidders: Sequence[Bidder], first: Collection[str] = ()
) -> dict[str, str]:
    """Return the agency of each debt (its key, and its amount in minor units), by keys; a debt that fits nobody is left out.

    `fitting` names the agencies that may have each debt. Each debt goes to the agency whose amount so far is the smallest for its weight,
    the largest debts first, so that amounts come out in proportion to the weights; equal ones go by the order of the agencies. Those
    of `first`, whose agency is settled, go before all others, so that these balance them.
    """
    weights = {one.key: one.weight for one in bidders}
    given = dict.fromkeys(weights, 0)
    found: dict[str, str] = {}
    for debt, minor in sorted(debts, key=lambda one: (one[0] not in first, -one[1], one[0])):
        able = [key for key in weights if weights[key] > 0 and key in fitting.get(debt, ())]
        if able:
            chosen = min(able, key=lambda key: Fraction(given[key] + minor, weights[key]))
            given[chosen] += minor
            found[debt] = chosen
    return found
