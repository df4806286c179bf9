"""Fitted models as sums over features, and weighted sums of such models, for `learning.flat`."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from learning.parts import Line
from learning.tables import Floats


@dataclass
class Sum:
    """A base, the terms of each feature, and the trees of each pair, with weights."""

    features: int
    base: float = 0.0
    steps: dict[int, list[tuple[float, Any]]] = field(default_factory=dict)
    pairs: dict[tuple[int, int], list[tuple[float, Any]]] = field(default_factory=dict)
    lines: dict[int, tuple[list[float], list[float], float]] = field(default_factory=dict)
    unknown: dict[int, float] = field(default_factory=dict)
    cards: list[tuple[float, int, list[float], list[float]]] = field(default_factory=list)

    def add_boosts(self, models: list[Any], weight: float) -> None:
        """Add the mean of boosted models, whose leaves depend on one or two features each."""
        each = weight / len(models)
        for model in models:
            self.base += each * float(model._baseline_prediction[0, 0])  # noqa: SLF001  (shown nowhere else)
            for trees in model._predictors:  # noqa: SLF001
                for used, nodes in by_features(trees[0].nodes).items():
                    if not used:
                        self.base += each * float(nodes["value"][0])
                    elif len(used) == 1:
                        self.steps.setdefault(used[0], []).append((each, nodes))
                    elif len(used) == 2:
                        self.pairs.setdefault((used[0], used[1]), []).append((each, nodes))
                    else:
                        raise ValueError("a leaf depends on more than two features")

    def add_line(self, fitted: Line, weight: float) -> None:
        """Add a line through normal scores."""
        self.base += weight * float(fitted.model.intercept_[0])
        place = 0
        for feature, (knots, heights, flag) in enumerate(zip(fitted.knots, fitted.heights, fitted.flags, strict=True)):
            if knots:
                self.lines[feature] = (knots, heights, weight * float(fitted.model.coef_[0][place]))
            place += 1
            if flag:
                self.unknown[feature] = weight * float(fitted.model.coef_[0][place])
                place += 1

    def add_card(self, feature: int, edges: list[float], values: list[float], weight: float) -> None:
        """Add a characteristic of a scorecard: a value for each bin, unknown last."""
        self.cards.append((weight, feature, edges, values))

    def plain(self) -> dict[str, Any]:
        """Return the sum in the form of `learning.flat.Flat`."""
        knots = [self._knots(feature) for feature in range(self.features)]
        parts = [self._part(feature, knots[feature]) for feature in range(self.features)]
        pairs = []
        for (first, second), trees in sorted(self.pairs.items()):
            points = [_points(knots[first]), _points(knots[second])]
            values = np.zeros((len(points[0]), len(points[1])))
            grid = {first: np.repeat(points[0], len(points[1])), second: np.tile(points[1], len(points[0]))}
            for weight, nodes in trees:
                values += weight * walk(nodes, grid).reshape(values.shape)
            pairs.append({"first": first, "second": second, "width": len(points[1]), "values": values.ravel().tolist()})
        return {"base": self.base, "parts": parts, "pairs": pairs}

    def _knots(self, feature: int) -> list[float]:
        found: set[float] = set()
        trees = [*self.steps.get(feature, []), *(tree for pair, some in self.pairs.items() if feature in pair for tree in some)]
        for _weight, nodes in trees:
            inner = nodes[(nodes["is_leaf"] == 0) & (nodes["feature_idx"] == feature)]
            found |= {float(threshold) for threshold in inner["num_threshold"] if np.isfinite(threshold)}
        if feature in self.lines:
            found |= set(self.lines[feature][0])
        for _weight, of, edges, _values in self.cards:
            found |= set(edges) if of == feature else set()
        return sorted(found)

    def _part(self, feature: int, knots: list[float]) -> dict[str, Any]:
        points = _points(knots)
        y = np.zeros(len(points))
        for weight, nodes in self.steps.get(feature, []):
            y += weight * walk(nodes, {feature: points})
        for weight, of, edges, values in self.cards:
            if of == feature:
                places = np.searchsorted(np.array(edges), points, side="left")
                places[-1] = len(edges) + 1
                y += weight * np.array(values)[places]
        x0, slope = np.zeros(len(points) - 1), np.zeros(len(points) - 1)
        if feature in self.lines:
            at, heights, coefficient = self.lines[feature]
            y[:-1] += coefficient * self._line(knots, at, heights, x0, slope)
            slope *= coefficient
        y[-1] += self.unknown.get(feature, 0.0)
        return {"knots": knots, "y": y.tolist(), "x0": x0.tolist(), "slope": slope.tolist()}

    @staticmethod
    def _line(knots: list[float], at: list[float], heights: list[float], x0: Floats, slope: Floats) -> Floats:
        """Return the line's height at the start of each place, and fill `x0` and `slope`."""
        start = np.zeros(len(x0))
        for place in range(len(x0)):
            low = knots[place - 1] if place else -np.inf
            segment = int(np.searchsorted(np.array(at), low, side="right")) - 1
            if segment < 0:
                start[place] = heights[0]
            elif segment >= len(at) - 1:
                start[place] = heights[-1]
            else:
                x0[place] = at[segment]
                slope[place] = (heights[segment + 1] - heights[segment]) / (at[segment + 1] - at[segment])
                start[place] = heights[segment]
        return start


def by_features(nodes: Any) -> dict[tuple[int, ...], Any]:
    """Split a tree into trees by the features on the paths to their leaves: each leaf has its value in one of them, and 0 in the others."""
    above: list[frozenset[int]] = [frozenset()] * len(nodes)
    sets = set()
    for place, node in enumerate(nodes):
        if node["is_leaf"]:
            sets.add(above[place])
        else:
            above[node["left"]] = above[node["right"]] = above[place] | {int(node["feature_idx"])}
    found = {}
    for some in sets:
        copy = nodes.copy()
        for place, node in enumerate(nodes):
            outside = not node["is_leaf"] and node["feature_idx"] not in some
            if outside or (node["is_leaf"] and above[place] != some):
                copy["is_leaf"][place], copy["value"][place] = 1, 0.0
        found[tuple(sorted(some))] = copy
    return found


def _points(knots: list[float]) -> Floats:
    """Return a sample value for each place: the knots, one value above all knots, and unknown."""
    above = float(np.nextafter(knots[-1], np.inf)) if knots else 0.0
    return np.array([*knots, above, np.nan])


def walk(nodes: Any, columns: dict[int, Floats]) -> Floats:
    """Return a tree's value for each row of columns by feature."""
    rows = len(next(iter(columns.values())))
    at = np.zeros(rows, dtype=np.int64)
    open_rows = np.flatnonzero(nodes["is_leaf"][at] == 0)
    while len(open_rows):
        here = nodes[at[open_rows]]
        values = np.empty(len(open_rows))
        for feature, column in columns.items():
            mine = here["feature_idx"] == feature
            values[mine] = column[open_rows[mine]]
        left = np.where(np.isnan(values), here["missing_go_to_left"] == 1, values <= here["num_threshold"])
        at[open_rows] = np.where(left, here["left"], here["right"])
        open_rows = open_rows[nodes["is_leaf"][at[open_rows]] == 0]
    found: Floats = nodes["value"][at].astype(float)
    return found
