"""Differences between a state and a case's expectation. Only the fields that the case gives are compared."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MISSING = "nothing"


def differences(expected: Mapping[str, Any], actual: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield a line for each field that differs: its path, its value, and the expected value."""
    for name, wanted in expected.items():
        where = f"{path}.{name}" if path else name
        found = actual.get(name, MISSING)
        if name == "installments" and isinstance(found, Sequence):
            yield from _installments(wanted, found, where)
        elif isinstance(wanted, list):
            yield from _rows(wanted, found, where)
        elif isinstance(wanted, Mapping) and isinstance(found, Mapping):
            yield from differences(wanted, found, where)
        elif wanted != found:
            yield f"{where} is {found}, not {wanted}"


def _installments(wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]], where: str) -> Iterator[str]:
    """Compare installments by their numbers; the case lists all of them."""
    rows = {row["number"]: row for row in found}
    numbers = [row["number"] for row in wanted]
    if sorted(numbers) != sorted(rows):
        yield f"{where} are {sorted(rows)}, not {sorted(numbers)}"
    for row in wanted:
        if row["number"] in rows:
            yield from differences(row, rows[row["number"]], f"{where}[{row['number']}]")


def _rows(wanted: Sequence[Mapping[str, Any]], found: Any, where: str) -> Iterator[str]:
    """Compare rows in any order; rows that differ only in their amount are added up."""
    ours, theirs = _summed(found if isinstance(found, Sequence) else []), _summed(wanted)
    if ours != theirs:
        yield f"{where} are {_written(ours)}, not {_written(theirs)}"


def _summed(rows: Sequence[Mapping[str, Any]]) -> Counter[tuple[tuple[str, Any], ...]]:
    sums: Counter[tuple[tuple[str, Any], ...]] = Counter()
    for row in rows:
        sums[tuple(sorted((name, value) for name, value in row.items() if name != "amount"))] += row["amount"]
    return Counter({key: amount for key, amount in sums.items() if amount})


def _written(sums: Counter[tuple[tuple[str, Any], ...]]) -> str:
    return "; ".join(f"{amount} ({', '.join(f'{name} {value}' for name, value in key)})" for key, amount in sums.items()) or MISSING
