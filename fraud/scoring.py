"""Scores of fraud models for an attempt to buy: the model in use gives a signal, the others are only recorded."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from core.remembered import Remembered
from learning.flat import probability
from learning.models import Family, Role, RoleChange
from learning.queries import list_roles, scorer_of

REASONS = 4
roles_of_fraud: Remembered[dict[str, RoleChange]] = Remembered(lambda: list_roles(Family.FRAUD), seconds=5)
"""The models that have a role, cached: a promoted model is used by all processes within these seconds."""


def ask_models(signals: Mapping[str, Any], *, subject: str) -> dict[str, Any]:
    """Return the results of the models that have a role, for an attempt; empty if no model decides.

    By role: the version (`name version`), which of its two models, the probability of fraud, and the signals that raise it most, each with
    its part of the log odds. `decides` names the role whose probability counts: the challenger for its share of subjects, chosen by their
    hash, the champion for the others. Makes queries only for roles and versions that this process has not cached.
    """
    roles = roles_of_fraud()
    if Role.CHAMPION not in roles:
        return {}
    facts = {name: int(value) if isinstance(value, bool) else value for name, value in signals.items() if not isinstance(value, list)}
    said: dict[str, Any] = {role: _said(change, facts) for role, change in roles.items()}
    return said | {"decides": _deciding(roles, subject)}


def _said(change: RoleChange, facts: Mapping[str, Any]) -> dict[str, Any]:
    assert change.version_id is not None
    odds, reasons = scorer_of(change.version_id).explain(facts, REASONS)[change.kind]
    raised = [[one.fact, round(one.loss, 4)] for one in reasons]
    return {"version": str(change.version), "kind": change.kind, "risk": round(probability(odds), 6), "reasons": raised}


def _deciding(roles: Mapping[str, RoleChange], subject: str) -> str:
    challenger = roles.get(Role.CHALLENGER)
    place = int.from_bytes(sha256(subject.encode()).digest()[:4]) % 100
    return Role.CHALLENGER.value if challenger and place < challenger.share else Role.CHAMPION.value
