"""Quality figures of probabilities, without scikit-learn, so that commands that only score need not load it."""

from typing import Any

import numpy as np

from learning.tables import Floats


def _steps(y: Floats, p: Floats, w: Floats | None = None) -> tuple[Floats, Floats]:
    """Return the weights of true and of false positives at each distinct score, from the highest score down."""
    order = np.argsort(-p, kind="stable")
    weights = np.ones_like(y) if w is None else w
    good, bad = np.cumsum((weights * (1 - y))[order]), np.cumsum((weights * y)[order])
    ends = np.append(np.flatnonzero(np.diff(p[order])), len(y) - 1)
    return bad[ends], good[ends]


def curve(y: Floats, p: Floats) -> tuple[Floats, Floats]:
    """Return false and true positive rates, from (0, 0) to (1, 1)."""
    bad, good = _steps(y, p)
    return np.concatenate([[0.0], good / good[-1]]), np.concatenate([[0.0], bad / bad[-1]])


def auc(y: Floats, p: Floats) -> float:
    """Return the area under the ROC curve."""
    false, true = curve(y, p)
    return float(np.trapezoid(true, false))


def ks(y: Floats, p: Floats) -> float:
    """Return the Kolmogorov-Smirnov statistic: the largest difference between the score distributions of the two classes."""
    false, true = curve(y, p)
    return float(np.max(np.abs(true - false)))


def brier(y: Floats, p: Floats) -> float:
    """Return the mean squared error of the probability."""
    return float(np.mean((y - p) ** 2))


def ece(y: Floats, p: Floats, bins: int = 10) -> float:
    """Return the expected calibration error: |predicted - observed| in ten bins of equal width, averaged by rows."""
    places = np.minimum((p * bins).astype(int), bins - 1)
    error = np.bincount(places, weights=p - y, minlength=bins)
    return float(np.abs(error).sum() / len(y))


def average_precision(y: Floats, p: Floats, w: Floats | None = None) -> float:
    """Return the average precision, as scikit-learn defines it."""
    bad, good = _steps(y, p, w)
    gained = np.diff(np.concatenate([[0.0], bad / bad[-1]]))
    return float(np.sum(gained * bad / (bad + good)))


def recall_at(y: Floats, p: Floats, rate: float = 0.01) -> float:
    """Return the highest recall whose false positive rate is at most `rate`."""
    false, true = curve(y, p)
    return float(true[false <= rate].max())


def log_loss(y: Floats, p: Floats) -> float:
    """Return the mean negative log likelihood."""
    safe = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(safe) + (1 - y) * np.log(1 - safe)))


def figures(y: Floats, p: Floats, *, fraud: bool = False, w: Floats | None = None) -> dict[str, Any]:
    """Return the quality figures of a model, rounded to six decimals."""
    found = {"auc": auc(y, p), "ks": ks(y, p), "brier": brier(y, p), "ece": ece(y, p)}
    if fraud:
        found |= {"recall_at_fpr_1pct": recall_at(y, p), "average_precision": average_precision(y, p)}
        if w is not None:
            found["average_precision_weighted"] = average_precision(y, p, w)
    return {name: round(value, 6) for name, value in found.items()}
