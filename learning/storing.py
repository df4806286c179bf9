"""Stores models: estimators with skops (never pickle), the flat form as JSON, both with a checksum."""

import gzip
import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from learning.errors import Damaged
from learning.flat import Flat, Scorer
from learning.recipe import Recipe

if TYPE_CHECKING:
    from learning.training import Fitted, Trained

TRUSTED = [
    "numpy.dtype",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
]
"""The only types besides plain ones and scikit-learn's own estimators that a stored model may hold."""


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


@cache
def code_version() -> str:
    """Return the version of the training code: its digest, and the version of scikit-learn."""
    folder = Path(__file__).parent
    texts = b"".join(path.read_bytes() for path in sorted([*folder.glob("*.py"), *folder.glob("*.json")]))
    return f"{digest(texts)[:12]} scikit-learn {version('scikit-learn')}"


def store(fitted: "Fitted") -> bytes:
    """Serialize the trained parts with skops."""
    from skops.io import dumps

    plain: dict[str, Any] = {
        "recipe": json.dumps(fitted.recipe.plain()),
        "steps": fitted.steps,
        "pairs": fitted.pairs,
        "line": {"knots": fitted.line.knots, "heights": fitted.line.heights, "flags": fitted.line.flags, "model": fitted.line.model},
        "bins": json.dumps({place: [one.edges, one.woe, one.value] for place, one in fitted.card.bins.items()}),
        "card": fitted.card.model,
    }
    data: bytes = dumps(plain)
    return gzip.compress(data, 6, mtime=0)


def restore(data: bytes, expected: str) -> "Fitted":
    """Load the trained parts; Damaged if the bytes do not match `expected`, or contain a type that is not trusted."""
    from skops.io import get_untrusted_types, loads

    from learning.parts import Line
    from learning.scorecard import Bins, Card
    from learning.training import Fitted

    if digest(data) != expected:
        raise Damaged("the stored model is not what was written")
    inner = gzip.decompress(data)
    strange = set(get_untrusted_types(data=inner)) - set(TRUSTED)
    if strange:
        raise Damaged(f"the stored model holds {', '.join(sorted(strange))}")
    plain = loads(inner, trusted=TRUSTED)
    line = Line(**plain["line"])
    bins = {int(place): Bins(*one) for place, one in json.loads(plain["bins"]).items()}
    return Fitted(Recipe(**json.loads(plain["recipe"])), plain["steps"], plain["pairs"], line, Card(bins, plain["card"]))


def flatten(trained: "Trained") -> bytes:
    """Serialize the flat form of both models with their recipe and references."""
    plain = {"recipe": trained.fitted.recipe.plain(), "references": trained.references, "models": trained.flats}
    return gzip.compress(json.dumps(plain, separators=(",", ":")).encode(), 6, mtime=0)


def unflatten(data: bytes, expected: str) -> dict[str, Any]:
    """Load the flat form; Damaged if the bytes do not match `expected`."""
    if digest(data) != expected:
        raise Damaged("the flat model is not what was written")
    found: dict[str, Any] = json.loads(gzip.decompress(data))
    return found


def scorer_from(plain: dict[str, Any]) -> Scorer:
    """Return the scorer of a flat form as plain values."""
    models = {name: Flat(one) for name, one in plain["models"].items()}
    return Scorer(Recipe(**plain["recipe"]), models, plain["references"])
