"""Models of credit made by hand, whose answers a test can calculate: a base, and a step above a bound of each fact."""

import gzip
import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from credit.cases import FACTS
from credit.scoring import roles_of_credit
from learning.models import ModelVersion, RoleChange
from learning.storing import digest
from tests.credit.conftest import AT

GOOD = {
    "bureau_score": 780,
    "thin_file": 0,
    "delinquencies_24m": 0,
    "open_accounts": 5,
    "utilization_pct": 20,
    "inquiries_6m": 0,
    "oldest_account_months": 120,
    "fraud_alert": 0,
    "amount_to_income": 0,
    "used_to_income": 0,
    "paid_on_time": 4,
    "paid_late": 0,
    "gambling_share": 0,
    "lenders_to_income": 0.1,
    "below_zero_30d": 0,
    "lowest_to_income": 0.5,
    "returned_90d": 0,
    "steady_income": 1,
}
"""The usual values of good cases, with which each fact is compared."""


def log_odds(percent: float) -> float:
    return math.log(percent / (100 - percent))


def make_model(
    name: str = "own",
    *,
    percent: float = 1.0,
    facts: Mapping[str, tuple[float, float]] | None = None,
    unknown: Mapping[str, float] | None = None,
    **more: Any,
) -> ModelVersion:
    """Save a version whose two models give `percent` to everybody, and add a step (bound, log odds) for a fact above its bound.

    `unknown` are log odds that are added for a fact that nobody knows.
    """
    steps = facts or {}
    names = [*FACTS, *(name for name in steps if name not in FACTS)]
    parts = [_part(*steps[fact]) if fact in steps else _part(0, 0) for fact in names]
    for fact, odds in (unknown or {}).items():
        parts[names.index(fact)]["y"][2] = odds
    model = {"base": log_odds(percent), "parts": parts, "pairs": []}
    recipe = {"numbers": names, "words": {}, "derived": []}
    plain = {"recipe": recipe, "references": GOOD, "models": {"scorecard": model, "boosted": model}}
    flat = gzip.compress(json.dumps(plain).encode(), mtime=0)
    kept: dict[str, Any] = {"stored": b"", "stored_digest": digest(b""), "flat": flat, "flat_digest": digest(flat)}
    kept |= {"lineage": {}, "card": {}, "code": "", "made_by": "tests", "made_at": AT}
    number = ModelVersion.objects.filter(name=name).count() + 1
    return ModelVersion.objects.create(family="credit", name=name, version=number, **(kept | more))


def _part(bound: float, step: float) -> dict[str, list[float]]:
    """Return a step for values above a bound, or up to it if the bound is negative; unknown values add nothing."""
    y = [step, 0.0, 0.0] if bound < 0 else [0.0, step, 0.0]
    return {"knots": [abs(bound)], "y": y, "x0": [0.0, 0.0], "slope": [0.0, 0.0]}


def give(version: ModelVersion, role: str = "champion", *, share: int = 100, at: datetime = AT) -> RoleChange:
    """Give a role to the boosted model of a version, which this process uses at once."""
    told = {"proposed_by": "rita", "approved_by": "paul", "reason": "A test", "at": at}
    change = RoleChange.objects.create(family="credit", role=role, version=version, kind="boosted", share=share, **told)
    roles_of_credit.forget()
    return change
