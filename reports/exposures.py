"""Check that nobody owes more in total than their limits allow, across currencies (converted) and across a person's accounts."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from core.db import stream
from core.ids import public_id
from markets.queries import factors_to, list_rate_dates

# A person with one credit line is covered by the check of that line.
_LINES = """
    SELECT coalesce(c.person_id, c.id), l.consumer_id, l.currency, l.used_minor, l.limit_minor + l.beyond_minor
    FROM credit_creditline l JOIN accounts_consumer c ON c.id = l.consumer_id
    WHERE coalesce(c.person_id, c.id) IN (
        SELECT coalesce(c.person_id, c.id) FROM credit_creditline l JOIN accounts_consumer c ON c.id = l.consumer_id
        GROUP BY 1 HAVING count(*) > 1 AND sum(l.used_minor) > 0)
    ORDER BY 1"""
BASE = "EUR"


@dataclass(frozen=True, slots=True)
class _Line:
    account: str
    currency: str
    used_minor: int
    limit_minor: int


def beyond_limits() -> Iterator[str]:
    """Yield a sentence for each person whose open amounts in all currencies exceed their limits.

    Each purchase was within its currency's limit at the rates of its day, so that the open amounts are within the largest limit; for
    accounts later found to be one person's, within the sum of their largest limits. The check passes if it passes at any one day's rates.
    """
    for holder, found in groupby(stream(_LINES), key=lambda row: row[0]):
        lines = [_Line(str(account), currency, int(used), int(limit)) for _, account, currency, used, limit in found]
        figures = [_figures(lines, factors_to(BASE, day)) for day in list_rate_dates()]
        if all(used > limit for used, limit in figures):
            used, limit = figures[-1]
            yield f"consumer {public_id('con', holder)}: {used} {BASE} in use in all currencies, limit {limit}"


def _figures(lines: Sequence[_Line], factors: Mapping[str, Decimal]) -> tuple[int, int]:
    """Return the used amount and the allowed amount, in minor units of the base; each line may be rounded by one."""
    used = sum(math.floor(line.used_minor * factors[line.currency]) for line in lines)
    largest: dict[str, int] = {}
    for line in lines:
        worth = math.ceil(line.limit_minor * factors[line.currency])
        largest[line.account] = max(worth, largest.get(line.account, 0))
    return used, sum(largest.values()) + len(lines)
