"""Counts what a version of rules would have changed, case by case. The counts are JSON, so that an interrupted count can resume."""

from collections.abc import Mapping
from typing import Any

from controls.rules.sets import Answer

MOST_CASES = 200
"""The most cases with a different outcome that are named."""
MOST_VALUES = 50
"""The most values of a segment, such as shops, that are counted separately; the rest is counted together."""
REST = "*"
MUCH = 0.2
"""The share of cases with an outcome above which a version is said to be too strict."""


def empty_counts() -> dict[str, Any]:
    """Return the counts before the first case.

    `moves` counts by `before>after` (outcomes, empty for none) cases, amounts and losses, both in minor units by currency; `segments`
    counts moves by brand, market, shop and month; `rules` how often each held, `troubles` how often each could not be answered; `cases`
    names those with a different outcome: subject, before, after, amount, currency, loss.
    """
    return {"moves": {}, "segments": {}, "rules": {}, "troubles": {}, "cases": []}


def add_case(
    counts: dict[str, Any],
    *,
    subject: str,
    before: str,
    after: str,
    amount_minor: int,
    lost_minor: int,
    currency: str,
    segments: Mapping[str, str],
    answer: Answer,
) -> None:
    """Add a case to the counts."""
    move = f"{before}>{after}"
    found = counts["moves"].setdefault(move, {"cases": 0, "amounts": {}, "losses": {}})
    found["cases"] += 1
    found["amounts"][currency] = found["amounts"].get(currency, 0) + amount_minor
    if lost_minor:
        found["losses"][currency] = found["losses"].get(currency, 0) + lost_minor
    for segment, value in segments.items():
        values = counts["segments"].setdefault(segment, {})
        named = value if value in values or len(values) < MOST_VALUES else REST
        moves = values.setdefault(named, {})
        moves[move] = moves.get(move, 0) + 1
    for finding in answer.findings:
        counts["rules"][finding.rule] = counts["rules"].get(finding.rule, 0) + 1
    for rule in {one.rule for one in answer.troubles}:
        counts["troubles"][rule] = counts["troubles"].get(rule, 0) + 1
    if before != after and len(counts["cases"]) < MOST_CASES:
        counts["cases"].append([subject, before, after, amount_minor, currency, lost_minor])


def share_after(counts: Mapping[str, Any]) -> float:
    """Return the share of cases, from 0 to 1, that would have had an outcome; 0 if there was no case."""
    moves = counts["moves"]
    whole = sum(one["cases"] for one in moves.values())
    some = sum(one["cases"] for move, one in moves.items() if move.partition(">")[2])
    return some / whole if whole else 0.0
