"""Worked APR cases of the laws and other sources, run against our own calculation."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from plans.rules.apr import Dated, eu_apr, eu_percent, round_percent, us_apr, us_percent
from plans.rules.apr_case_dates import CaseStream, case_schedule, number
from plans.rules.rates import Flow
from plans.rules.unit_periods import count_single_payment

Case = Mapping[str, Any]
FINEST = 10_000  # amounts in ten-thousandths: some sources print more than two places, and the scale does not change the rate


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: the published APR and ours, by the times given and, where dates are given, from the dates."""

    case_id: str
    published: str
    by_times: Decimal | None = None
    by_dates: Decimal | None = None
    dates_used: bool = False
    error: str = ""

    @property
    def passed(self) -> bool:
        """True if every way that could be computed rounds to the published figure."""
        target = Decimal(self.published) if self.published else None
        ours = [self.by_times, *([self.by_dates] if self.dates_used else [])]
        return not self.error and target is not None and all(value == target for value in ours)

    def __str__(self) -> str:
        if self.error:
            return f"{self.case_id}: published {self.published}, {self.error}"
        dates = str(self.by_dates) if self.dates_used else "not given"
        return f"{self.case_id}: published {self.published}, by times {self.by_times}, by dates {dates}"


def read_cases(text: str) -> list[Case]:
    """Read a JSON object with `cases`, or a bare list of them; numbers are kept as the text they were written as."""
    data = json.loads(text, parse_float=str)
    return list(data["cases"] if isinstance(data, dict) else data)


def run_cases(cases: Iterable[Case]) -> list[CaseResult]:
    """Run every case; failed cases come first, otherwise in the order given."""
    return sorted((run_case(case) for case in cases), key=lambda result: result.passed)


def run_case(case: Case) -> CaseResult:
    """Compute a case both ways; an error becomes a failed result that says why, never an exception."""
    case_id, published = str(case.get("id", "?")), str(case.get("apr_percent", ""))
    try:
        decimals = _decimals(case, published)
        by_times = round_percent(_apr_by_times(case), decimals)
        dated = _dated(case)
        by_dates = round_percent(_apr_by_dates(case, *dated), decimals) if dated else None
        return CaseResult(case_id, published, by_times, by_dates, dates_used=dated is not None)
    except (ArithmeticError, AttributeError, KeyError, LookupError, TypeError, ValueError) as error:
        return CaseResult(case_id, published, error=f"{type(error).__name__}: {error}")


def _decimals(case: Case, published: str) -> int:
    given = case.get("decimals")
    return int(given) if given is not None else len(published.partition(".")[2])


def _is_us(case: Case) -> bool:
    law = str(case.get("law") or "").upper()
    return law == "US" or (not law and "unit_periods_per_year" in case)


def _read_streams(case: Case) -> list[CaseStream]:
    """Read the payments of a case; the default step is one unit-period for US streams, 1/12 year for others."""
    us = _is_us(case)
    return [_read_stream(raw, us) for raw in [*(case.get("streams") or []), *(case.get("payments") or [])]]


def _read_stream(raw: Mapping[str, Any], us: bool) -> CaseStream:
    count = int(number(raw.get("count"), 1))
    given_step = number(raw.get("step"))
    first, rest = number(raw.get("first", raw.get("years", raw.get("periods")))), Fraction(0)
    if us:
        rest = first % 1
    return CaseStream(
        amount=number(raw["amount"]),
        count=count,
        first=first - rest,
        fraction=number(raw.get("fraction")) + rest,
        step=given_step or (Fraction(1) if us else Fraction(1, 12)),
    )


def _read_advances(case: Case) -> list[CaseStream]:
    us = _is_us(case)
    return [_read_stream({**raw, "count": raw.get("count", 1)}, us) for raw in case["advances"]]


def _flows(sign: int, streams: Sequence[CaseStream]) -> list[Flow]:
    return [
        Flow(sign * stream.amount, stream.first + index * stream.step, stream.fraction)
        for stream in streams
        for index in range(stream.count)
    ]


def _apr_by_times(case: Case) -> Decimal:
    flows = _flows(-1, _read_advances(case)) + _flows(1, _read_streams(case))
    return us_percent(flows, number(case["unit_periods_per_year"])) if _is_us(case) else eu_percent(flows)


def _dated(case: Case) -> tuple[list[Dated], list[Dated]] | None:
    """Build the real schedule of a case, amounts scaled to integers; None if its dates do not say enough."""
    given = case.get("dates")
    if not isinstance(given, Mapping):
        return None
    per_year = number(case.get("unit_periods_per_year")) if _is_us(case) else None
    schedule = case_schedule(given, _read_advances(case), _read_streams(case), per_year)
    if schedule is None:
        return None
    advances, payments = schedule
    return [(day, int(value * FINEST)) for day, value in advances], [(day, int(value * FINEST)) for day, value in payments]


def _apr_by_dates(case: Case, advances: list[Dated], payments: list[Dated]) -> Decimal:
    if not _is_us(case):
        return eu_apr(advances, payments)
    return us_apr(advances, payments, single_by_days=_counts_days(case, advances, payments))


def _counts_days(case: Case, advances: list[Dated], payments: list[Dated]) -> bool:
    """Return whether the source measured a single payment after whole months in days; the law allows months or days ((b)(5)(vi))."""
    if len(advances) != 1 or len(payments) != 1:
        return False
    given, ways = number(case["unit_periods_per_year"]), {}
    for by_days in (False, True):
        ways[by_days] = abs(count_single_payment(advances[0][0], payments[0][0], by_days=by_days)[0] - given)
    return ways[True] < ways[False]
