"""Checks of a training while a person waits: on the whole of a small table, on the first rows of a large one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from learning.errors import BadTable
from learning.lab.tables import StoredTable, look_at
from learning.lab.ways import prepare_by
from learning.models import TableSource, Training

DOUBTFUL = {"one_class", "too_few", "leak", "no_columns", "no_such_value"}
"""What the first rows of a table may look like, and the whole does not."""


@dataclass(frozen=True)
class Checked:
    """What was found: a fault (code and facts, or empty), notes of what is left out, how many rows were read, whether these are all."""

    fault: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rows: int = 0
    is_whole: bool = False


def fault_of(error: BadTable) -> dict[str, Any]:
    """Return a refusal as plain JSON."""
    return {"code": error.code, **error.facts}


def check_choices(training: Training, *, target: str, positive: str, ways: Mapping[str, str]) -> Checked:
    """Return what the table of a training says to a person's choices; our own cases are checked when they are read."""
    if training.source == TableSource.OWN:
        return Checked()
    look = None
    try:
        look = look_at(StoredTable(training))
        data = prepare_by(look.table, target=target, positive=positive, ways=ways)
    except BadTable as error:
        if look is not None and not look.is_whole and error.code in DOUBTFUL:
            return Checked(rows=look.table.rows)
        return Checked(fault_of(error), rows=look.table.rows if look else 0, is_whole=bool(look and look.is_whole))
    return Checked(notes=data.notes, rows=look.table.rows, is_whole=look.is_whole)
