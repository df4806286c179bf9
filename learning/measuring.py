"""What a version says of its training: the bytes of its models, its lineage, its card with the reports."""

from typing import TYPE_CHECKING, Any

from core.sentences import kept
from learning.flat import Scorer
from learning.labels import Labelled
from learning.reporting.whole import Rows, bases_of, report_of
from learning.storing import code_version, digest, flatten, scorer_from, store, unflatten

if TYPE_CHECKING:
    # What trains takes long to load; who only writes does without.
    from learning.training import Trained

_USES = {
    "credit": "the chance that a person does not pay as agreed",
    "fraud": "the chance that a payment is fraud",
    "reminder": "the chance that what is late is not paid within two weeks",
}
_ACCEPTED = "Only people who were accepted before are in such a table; of those who were refused nothing is known."
_SEEN = {
    **dict.fromkeys(("credit", "fraud"), _ACCEPTED),
    "reminder": "Only people who paid late are in such a table; of those who never did nothing is known.",
}


def measure_version(family: str, data: Labelled, trained: "Trained", *, target: str, positive: str, source: str) -> dict[str, Any]:
    """Return all that a version says of a training, with its reports; takes long, and writes nothing."""
    stored, flat = store(trained.fitted), flatten(trained)
    recipe = trained.fitted.recipe
    plain = unflatten(flat, digest(flat))
    lineage = {
        "file": source,
        "sha256": data.table.digest,
        "rows": data.table.rows,
        "bad": int(data.y.sum()),
        "target": target,
        "positive": positive or "1",
        "columns": recipe.facts,
        "derived": recipe.derived,
        "notes": data.notes,
        "said": [kept(note) for note in data.notes],
        "table": data.known.name,
    }
    return {
        "stored": stored,
        "stored_digest": digest(stored),
        "flat": flat,
        "flat_digest": digest(flat),
        "lineage": lineage,
        "card": _card(family, data, trained) | _reports(data, trained, scorer_from(plain)),
        "code": code_version(),
        "usable": not data.known.not_in_product,
    }


def _card(family: str, data: Labelled, trained: "Trained") -> dict[str, Any]:
    """Return the model card of a version."""
    limits = [
        "The probability is that of the rows that it was trained on: where bad cases are rarer or more frequent, it has to be set anew.",
        _SEEN[family],
        "A word that was not in the table weighs as the average.",
    ]
    protected = [note for note in data.notes if "protected" in note]
    return {
        "use": _USES[family],
        "limits": limits,
        "protected": protected,
        "figures": trained.figures,
        "settings": trained.settings,
        "points": trained.points,
    }


def _reports(data: Labelled, trained: "Trained", scorer: Scorer) -> dict[str, Any]:
    """Return the report of each model on the rows tested in cross-validation, and the spreads to compare later cases with."""
    rows = Rows(data.table, data.y, data.protected, data.dates).some(trained.tested)
    reports = {kind: report_of(rows, scorer, kind, p=p) for kind, p in trained.tested_p.items()}
    return {"reports": reports, "bases": bases_of(rows.table, trained.tested_p, scorer.facts)}
