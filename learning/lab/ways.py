"""How each column of a training is used, as `prepare` and `train` are told it."""

from collections.abc import Mapping
from enum import StrEnum

from learning.labels import Labelled, prepare, refuse_directions
from learning.reporting.fairness import MEASURED
from learning.tables import Table


class Way(StrEnum):
    """How a column is used: learned from with any effect, only raising or only lowering the risk, left out, or used in spite of a doubt."""

    USE = "use"
    UP = "up"
    DOWN = "down"
    DROP = "drop"
    KEEP = "keep"


def prepare_by(table: Table, *, target: str, positive: str, ways: Mapping[str, str]) -> Labelled:
    """Return the rows and columns of a table that can be learned from; BadTable as `prepare`, and for a direction that cannot hold."""
    drop = [name for name, way in ways.items() if way == Way.DROP and name in table.columns and name != target]
    keep = frozenset(name for name, way in ways.items() if way == Way.KEEP)
    data = prepare(table, target, positive, drop, keep=keep, groups=MEASURED)
    refuse_directions(data.table.columns, told_by(ways, data))
    return data


def told_by(ways: Mapping[str, str], data: Labelled) -> dict[str, int]:
    """Return the directions of risk of the columns that are learned from: 1 only up, -1 only down."""
    signs = {Way.UP.value: 1, Way.DOWN.value: -1}
    return {name: signs[way] for name, way in ways.items() if way in signs and name in data.table.columns}
