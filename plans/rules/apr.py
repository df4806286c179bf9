"""Legal APR of a credit from its real dates, and how each law shows it."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

from plans.rules.rates import Flow, solve_rate
from plans.rules.unit_periods import Time, count_single_payment, count_unit_periods, find_unit_period
from plans.rules.year_fractions import count_years

Law = Literal["US", "EU", "UK", "AU"]
Dated = tuple[date, int]
SHOWN_DECIMALS: dict[Law, int] = {"US": 2, "EU": 1, "UK": 1, "AU": 2}


def legal_apr(law: Law, advance_date: date, principal_minor: int, payments: Sequence[Dated]) -> Decimal:
    """Return the APR in percent, unrounded, of one advance repaid by `payments` (date, minor units incl. all charges).

    US: Regulation Z Appendix J, nominal. AU: comparison rate of the National Credit Code, nominal by the same unit-periods. EU and UK:
    effective annual rate. NoRateError if no rate fits, ValueError for an unknown law.
    """
    if law not in SHOWN_DECIMALS:
        raise ValueError(f"no APR formula for law {law!r}")
    formula = us_apr if law in {"US", "AU"} else eu_apr
    return formula([(advance_date, principal_minor)], payments)


def display_apr_bps(law: Law, percent: Decimal) -> int:
    """Return the APR as shown, in basis points, rounded half up: to two decimals of a percent in US and AU, to one in EU and UK.

    The EU's rule is remark (d) of Annex I, Directive 2008/48/EC; US tolerance is 1/8 point, 12 CFR 1026.22(a)(2).
    """
    return int(round_percent(percent, SHOWN_DECIMALS[law]) * 100)


def round_percent(percent: Decimal, decimals: int) -> Decimal:
    """Round half up to the decimals of a percent."""
    return percent.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def us_apr(advances: Sequence[Dated], payments: Sequence[Dated], *, single_by_days: bool = False) -> Decimal:
    """Return the nominal APR in percent by the actuarial method of 12 CFR 1026 Appendix J from real dates, minor units.

    `single_by_days` chooses days of 365 over months for a single payment after whole months; the law allows either.
    """
    per_year, advance_times, payment_times = us_unit_periods(
        [day for day, _ in advances], [day for day, _ in payments], single_by_days=single_by_days
    )
    flows = [Flow(Fraction(-minor), Fraction(t), f) for (_, minor), (t, f) in zip(advances, advance_times, strict=True)]
    flows += [Flow(Fraction(minor), Fraction(t), f) for (_, minor), (t, f) in zip(payments, payment_times, strict=True)]
    return us_percent(flows, per_year)


def us_percent(flows: Sequence[Flow], per_year: Fraction) -> Decimal:
    """Return the unit-period rate times the number of unit-periods in a year, in percent (Appendix J (b)(1))."""
    return solve_rate(flows) * per_year.numerator / per_year.denominator * 100


def us_unit_periods(
    advance_dates: Sequence[date], payment_dates: Sequence[date], *, single_by_days: bool = False
) -> tuple[Fraction, list[Time], list[Time]]:
    """Return unit-periods a year, and full unit-periods with the fraction left of every advance and payment.

    The term begins with the first advance or payment. A payment on that very day only lowers the amount financed: it makes
    no period.
    """
    start = min([*advance_dates, *payment_dates])
    later_advances = sorted({day for day in advance_dates if day > start})
    later_payments = sorted({day for day in payment_dates if day > start})
    if not later_advances and len(later_payments) <= 1:
        per_year, time = count_single_payment(start, later_payments[0] if later_payments else start, by_days=single_by_days)
        times = dict.fromkeys(later_payments, time)
    else:
        unit = find_unit_period(start, later_advances, later_payments)
        per_year, times = unit.per_year, {}
        for days in (later_advances, later_payments):
            times.update(zip(days, count_unit_periods(unit, start, days), strict=True))
    times[start] = (0, Fraction(0))
    return per_year, [times[day] for day in advance_dates], [times[day] for day in payment_dates]


def eu_apr(advances: Sequence[Dated], payments: Sequence[Dated]) -> Decimal:
    """Return the effective APR in percent by Annex I of Directive 2008/48/EC from real dates, minor units.

    The same formula stands in Annex III of Directive (EU) 2023/2225 and in FCA CONC App 1.2.
    """
    origin = min(day for day, _ in advances)
    flows = [
        Flow(sign * Fraction(minor), years)
        for sign, dated in ((-1, advances), (1, payments))
        for (_, minor), years in zip(dated, count_years(origin, [day for day, _ in dated]), strict=True)
    ]
    return eu_percent(flows)


def eu_percent(flows: Sequence[Flow]) -> Decimal:
    """Return the yearly rate, in percent, of flows whose periods are years."""
    return solve_rate(flows) * 100
