"""Counts what a version of rules would have changed, case by case. The counts are JSON, so that an interrupted count can resume."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from controls.rules.sets import Answer

MOST_MOVES = 60
"""The most different moves that are counted separately, in all and by value of a segment; the rest is counted together."""
MOST_OF_MOVE = 20
"""The most cases that are named for a move."""
MOST_VALUES = 50
"""The most values of a segment, such as shops, that are counted separately; the rest is counted together."""
REST = "*"
MUCH = 0.2
"""The share of cases with an outcome above which a version is said to be too strict."""


class Compared(StrEnum):
    """How two outcomes of a case are compared: as a whole, by name (each has a value of its own), or value by value."""

    WHOLE = "whole"
    BY_NAME = "by_name"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Told:
    """A case of the past, with its outcome then and now (`RuleKind.gravest`).

    `lost_minor` is what was lost on it since, in minor units. `worth_minor` is by how much the value that the outcome sets, such as a
    limit, would differ, in minor units; None if unknown. `sums_minor` is that value before and now, where a kind adds it up.
    """

    subject: str
    before: str
    after: str
    amount_minor: int
    lost_minor: int
    currency: str
    segments: Mapping[str, str]
    worth_minor: int | None = None
    sums_minor: tuple[int, int] | None = None
    idle: Collection[str] = ("",)
    """The outcomes that have no effect."""


def empty_counts() -> dict[str, Any]:
    """Return the counts before the first case.

    `asked` counts the cases, `before` and `after` those with an outcome, `other` those with a different one. `moves` counts by
    `before>after` (parts of outcomes, empty for none) cases, amounts, losses and worths, all in minor units by currency. `seen` counts
    each part of an outcome. `segments` has the counts and moves by brand, market, shop, customer group and month; `rules` how often each
    held, `troubles` how often each could not be answered; `sums` adds up, in all and by segment, what outcomes set before and now, and how
    often that is more than nothing, by currency; `cases` names those with a different outcome: subject, before, after, amount,
    currency, loss.
    """
    return {**_four(), "moves": {}, "seen": {}, "segments": {}, "rules": {}, "troubles": {}, "cases": []}


def _four() -> dict[str, int]:
    return {"asked": 0, "before": 0, "after": 0, "other": 0}


def moves_between(before: str, after: str, compared: Compared) -> list[str]:
    """Return the differences of two outcomes as `before>after`, each side a part of an outcome, or empty."""
    if before == after:
        return []
    if compared == Compared.WHOLE:
        return [f"{before}>{after}"]
    old, new = before.split(), after.split()
    if compared == Compared.EACH:
        return [*(f"{one}>" for one in old if one not in new), *(f">{one}" for one in new if one not in old)]
    was, now = ({one.partition(":")[0]: one for one in parts} for parts in (old, new))
    return [f"{was.get(name, '')}>{now.get(name, '')}" for name in was | now if was.get(name) != now.get(name)]


def add_case(counts: dict[str, Any], case: Told, answer: Answer, compared: Compared) -> None:
    """Add a case to the counts."""
    moves = moves_between(case.before, case.after, compared)
    _add_four(counts, case, moves)
    for part in case.after.split():
        counts["seen"][part] = counts["seen"].get(part, 0) + 1
    found = [_add_move(counts["moves"], move, case) for move in moves]
    for segment, value in case.segments.items():
        values = counts["segments"].setdefault(segment, {})
        named = value if value in values or len(values) < MOST_VALUES else REST
        line = values.setdefault(named, {**_four(), "moves": {}})
        _add_four(line, case, moves)
        for move in moves:
            known = _named(line["moves"], move)
            line["moves"][known] = line["moves"].get(known, 0) + 1
    for finding in answer.findings:
        counts["rules"][finding.rule] = counts["rules"].get(finding.rule, 0) + 1
    for rule in {one.rule for one in answer.troubles}:
        counts["troubles"][rule] = counts["troubles"].get(rule, 0) + 1
    if any(one["cases"] <= MOST_OF_MOVE for one in found):
        counts["cases"].append([case.subject, case.before, case.after, case.amount_minor, case.currency, case.lost_minor])


def _add_four(counts: dict[str, Any], case: Told, moves: Sequence[str]) -> None:
    counts["asked"] += 1
    counts["before"] += case.before not in case.idle
    counts["after"] += case.after not in case.idle
    counts["other"] += bool(moves)
    if case.sums_minor is not None:
        was, now = case.sums_minor
        line = counts.setdefault("sums", {}).setdefault(case.currency, [0, 0, 0, 0])
        counts["sums"][case.currency] = [line[0] + (was > 0), line[1] + was, line[2] + (now > 0), line[3] + now]


def _add_move(moves: dict[str, Any], move: str, case: Told) -> dict[str, Any]:
    found: dict[str, Any] = moves.setdefault(_named(moves, move), {"cases": 0, "amounts": {}, "losses": {}, "worths": {}})
    found["cases"] += 1
    for name, minor in (("amounts", case.amount_minor), ("losses", case.lost_minor), ("worths", case.worth_minor)):
        if minor or name == "amounts":
            found[name][case.currency] = found[name].get(case.currency, 0) + minor
    return found


def _named(moves: Mapping[str, Any], move: str) -> str:
    return move if move in moves or len(moves) < MOST_MOVES else f"{REST}>{REST}"
