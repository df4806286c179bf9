"""The champion on the rows on which a new version was tested, for the page that shows both."""

from typing import Any

from learning.flat import probabilities
from learning.labels import labels_of
from learning.metrics import figures
from learning.models import Role
from learning.queries import list_roles, scorer_of
from learning.recipe import as_features
from learning.reporting import measuring
from learning.tables import Floats, Table, rows_of

NO_CHAMPION, LACKING = "no_champion", "lacking"
MOST_NAMED = 12


def compare_with_champion(family: str, table: Table, *, target: str, positive: str, tested: Any) -> dict[str, Any]:
    """Return the champion's figures and curves on the tested rows of a table; or `why` there are none, with the columns that it lacks.

    `tested` is a mask of the rows that have a target. The champion may have been trained on some of them.
    """
    change = list_roles(family).get(Role.CHAMPION)
    if change is None or change.version_id is None:
        return {"why": NO_CHAMPION}
    scorer = scorer_of(change.version_id)
    told = {"champion": str(change.version), "kind": change.kind}
    absent = [name for name in scorer.facts if name not in table.columns]
    if absent:
        return told | {"why": LACKING, "columns": absent[:MOST_NAMED], "number": len(absent)}
    y, seen = labels_of(table, target, positive)
    columns = {name: rows_of(rows_of(table.columns[name], seen), tested) for name in scorer.facts}
    some = Table(columns, int(tested.sum()))
    p = probabilities(scorer.models[change.kind].scores(as_features(scorer.recipe, some)))
    return told | measured_of(y[seen][tested], p)


def measured_of(y: Floats, p: Floats) -> dict[str, Any]:
    """Return the figures and the curves that are drawn side by side."""
    return {
        "rows": len(y),
        "figures": figures(y, p),
        "roc": measuring.roc(y, p),
        "calibration": measuring.calibration(y, p),
        "gain": measuring.gain(y, p),
        "cuts": measuring.cuts(y, p),
    }
