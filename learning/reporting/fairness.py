"""Measures whether groups of people are approved alike, and what would mend it; protected columns are used for nothing else."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from learning.metrics import auc
from learning.reporting.measuring import round_all
from learning.tables import Column, Floats, Words

MEASURED = ("age", "sex", "gender")
"""The protected columns that are measured unless others are named."""
BANDS = (25, 35, 45, 55, 65)
FOUR_FIFTHS = 0.8
"""A group that is approved less than four fifths as often as the most approved one is a sign of discrimination (29 CFR 1607.4 D)."""
ALIKE = 0.1
"""The largest difference in approvals of good cases between groups that counts as equal opportunity."""
LEAST_ROWS = 30
"""Smaller groups are shown and not judged."""
TRIED = 200
MOST_COLUMNS = 3
MOST_GROUPS = 12


def groups_of(name: str, column: Column) -> list[tuple[str, Any]]:
    """Return the groups of a protected column with their masks: bands of age, words, or values, the most frequent first."""
    if isinstance(column, Words):
        found = [(level, column.codes == code) for code, level in enumerate(column.levels)]
    elif "age" in name.lower():
        bounds = [-np.inf, *BANDS, np.inf]
        found = [(_band(number), (column >= bounds[number]) & (column < bounds[number + 1])) for number in range(len(BANDS) + 1)]
        return [(band, mask) for band, mask in found if mask.any()]
    else:
        found = [(f"{value:g}", column == value) for value in np.unique(column[~np.isnan(column)])]
    return sorted((one for one in found if one[1].any()), key=lambda one: -int(one[1].sum()))[:MOST_GROUPS]


def _band(number: int) -> str:
    if not number:
        return f"< {BANDS[0]}"
    return f"{BANDS[number - 1]}–{BANDS[number] - 1}" if number < len(BANDS) else f"≥ {BANDS[-1]}"


def judge(y: Floats, p: Floats, cut: float, groups: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return for each group the rows, the share approved, and of good cases the share approved; and the two measures over all groups.

    `ratio` is the lowest share approved divided by the highest (four-fifths rule), `apart` the largest difference in approvals of good
    cases (equal opportunity); both are None with fewer than two groups that are large enough.
    """
    rows, judged = [], []
    for name, mask in groups:
        approved, good = p[mask] <= cut, y[mask] == 0
        of_good = float(approved[good].mean()) if good.any() else 0.0
        large = bool(mask.sum() >= LEAST_ROWS and good.sum() >= LEAST_ROWS)
        rows.append([name, int(mask.sum()), *round_all([y[mask].mean(), approved.mean(), of_good]), large])
        if large:
            judged.append((float(approved.mean()), of_good))
    ratio = apart = None
    if len(judged) > 1:
        shares, of_goods = zip(*judged, strict=True)
        ratio = round(min(shares) / max(shares), 6) if max(shares) else 1.0
        apart = round(max(of_goods) - min(of_goods), 6)
    fair = ratio is None or apart is None or (ratio >= FOUR_FIFTHS and apart <= ALIKE)
    return {"groups": rows, "ratio": ratio, "apart": apart, "fair": fair}


def mended_cut(y: Floats, p: Floats, cut: float, groups: Sequence[tuple[str, Any]]) -> list[float] | None:
    """Return the nearest cut at which both measures hold, with the shares approved and bad of those; None if there is none."""
    tried = np.unique(np.quantile(p, np.linspace(0.02, 1, TRIED), method="inverted_cdf"))
    for one in sorted(tried, key=lambda value: abs(float((p <= value).mean() - (p <= cut).mean()))):
        if judge(y, p, one, groups)["fair"]:
            approved = p <= one
            return [float(one), *round_all([approved.mean(), y[approved].mean()])]
    return None


def driving_columns(
    y: Floats, p: Floats, cut: float, groups: Sequence[tuple[str, Any]], facts: Sequence[str], without: Callable[[str], Floats]
) -> list[list[Any]]:
    """Return the columns that drive the difference most: name, and both measures and the AUC if the column were the same for everybody.

    As many people as before are approved. `without` returns the probabilities if a fact had its reference value in every row.
    """
    before, share = judge(y, p, cut, groups), float((p <= cut).mean())
    found: list[tuple[float, list[Any]]] = []
    for fact in facts:
        other = without(fact)
        after = judge(y, other, float(np.quantile(other, share, method="inverted_cdf")), groups)
        better = (after["ratio"] - before["ratio"]) + (before["apart"] - after["apart"])
        if better > 0:
            found.append((better, [fact, after["ratio"], after["apart"], round(auc(y, other), 6)]))
    return [one for _better, one in sorted(found, key=lambda pair: -pair[0])[:MOST_COLUMNS]]


def measure_fairness(
    y: Floats, p: Floats, cut: float, protected: dict[str, Column], facts: Sequence[str], without: Callable[[str], Floats]
) -> list[dict[str, Any]]:
    """Return for each protected column its groups, both measures at the cut, and what would mend it where one does not hold."""
    found = []
    for name, column in protected.items():
        groups = groups_of(name, column)
        one = {"column": name} | judge(y, p, cut, groups)
        if not one["fair"]:
            one |= {"cut": mended_cut(y, p, cut, groups), "columns": driving_columns(y, p, cut, groups, facts, without)}
        found.append(one)
    return found
