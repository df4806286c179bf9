"""The rate at which advances and payments have the same present value: one solver for all APR formulas."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import expm1, inf, isnan

FIRST_STEP, GROWTH, WIDEST = 1e-4, 1.5, 700.0
PRECISION = 40


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount after `periods` whole periods and `fraction` of one; payments positive, advances negative."""

    amount: Fraction
    periods: Fraction
    fraction: Fraction = Fraction(0)


class NoRateError(ValueError):
    """No rate makes the flows balance."""


def solve_rate(flows: Sequence[Flow]) -> Decimal:
    """Return the rate per period, as a fraction of one, at which the present values of all flows sum to zero.

    A flow is worth amount / ((1 + fraction * rate) * (1 + rate) ** periods): the general equation of 12 CFR 1026
    Appendix J (b)(8); with no fraction and years as periods it is the basic equation of Directive 2008/48/EC Annex I.
    Takes the root nearest to zero, on the positive side if payments exceed advances. Raises NoRateError if there is none.
    """
    if not sum(flow.amount for flow in flows):
        return Decimal(0)
    value = _present_value(flows)
    low, high = _bracket(value)
    return _polish(flows, expm1(_bisect(value, low, high)))


def _present_value(flows: Sequence[Flow]) -> Callable[[float], float]:
    """Return the present value as a function of log(1 + rate), in floats, for the search."""
    scale = max(abs(float(flow.amount)) for flow in flows)
    plain = [(float(flow.amount) / scale, float(flow.periods), float(flow.fraction)) for flow in flows]

    def value(force: float) -> float:
        rate, total = expm1(force), 0.0
        for amount, periods, fraction in plain:
            total += amount * _power(force, periods) / (1 + fraction * rate)
        return total

    return value


def _power(force: float, periods: float) -> float:
    exponent = -force * periods
    return inf if exponent > WIDEST else expm1(exponent) + 1


def _bracket(value: Callable[[float], float]) -> tuple[float, float]:
    """Step outwards from zero until the sign changes, first in the direction in which the rate must lie."""
    at_zero = value(0.0)
    for direction in (1.0, -1.0) if at_zero > 0 else (-1.0, 1.0):
        near, far = 0.0, direction * FIRST_STEP
        while abs(far) < WIDEST:
            here = value(far)
            if isnan(here):
                break
            if here * at_zero <= 0:
                return near, far
            near, far = far, far * GROWTH
    raise NoRateError("no rate balances these advances and payments")


def _bisect(value: Callable[[float], float], low: float, high: float) -> float:
    positive = value(low) > 0
    for _ in range(60):
        middle = (low + high) / 2
        if (value(middle) > 0) == positive:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _polish(flows: Sequence[Flow], rate: float) -> Decimal:
    """Refine by Newton's method in decimals, so that the last shown place does not depend on binary floats."""
    with localcontext(prec=PRECISION):
        exact = Decimal(rate)
        terms = [(_decimal(flow.amount), _decimal(flow.periods), _decimal(flow.fraction)) for flow in flows]
        for _ in range(2):
            total, slope = Decimal(0), Decimal(0)
            for amount, periods, fraction in terms:
                growth, odd = 1 + exact, 1 + fraction * exact
                worth = amount / (odd * growth**periods)
                total += worth
                slope -= worth * (periods / growth + fraction / odd)
            if not slope:
                break
            exact -= total / slope
        return exact


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
