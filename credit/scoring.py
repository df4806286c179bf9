"""Probabilities of a bad end by the models of risk that have a role, asked at each decision and, from what was stored, again.

The champion decides, a challenger its share of people, a shadow nothing. A model that cannot be used never stops a decision: the points
decide in the champion's place, the champion in the challenger's, and what failed is stored with the decision.
"""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from core.ids import parse_id
from core.remembered import Remembered
from credit.cases import FACTS, TOLD, facts_of
from credit.rules import MAX_FACTORS, Inputs
from credit.rules.grades import PPM, Risk, Said
from learning.errors import Damaged
from learning.flat import Reason, Scorer, probability
from learning.models import Family, ModelVersion, Role, RoleChange
from learning.queries import list_roles, scorer_of

log = logging.getLogger("bnpl.credit")
DAMAGED, FOREIGN = "damaged", "foreign"
"""Why a model is not asked: its stored form is not what was written, or it was trained on facts that decisions do not have."""


@dataclass(frozen=True, slots=True)
class Held:
    """A model with a role: its version, which of the version's models, and its scorer; without one, `fault` says why."""

    model: str
    version: str
    kind: str
    share: int = 100
    scorer: Scorer | None = None
    fault: str = ""


def _read_roles() -> dict[str, Held]:
    return {role: _held(change) for role, change in list_roles(Family.CREDIT).items()}


roles_of_credit: Remembered[dict[str, Held]] = Remembered(_read_roles, seconds=5)
"""The models that have a role, cached: a promoted model is used by all processes within these seconds."""


def _held(change: RoleChange) -> Held:
    version = change.version
    assert version is not None
    found = Held(version.public_id, str(version), change.kind, change.share)
    try:
        scorer = scorer_of(version.pk)
    except Damaged:
        log.exception("the %s of credit, %s, is damaged and decides nothing", change.role, version)
        return replace(found, fault=DAMAGED)
    if not set(scorer.facts) <= set(FACTS):
        log.error("the %s of credit, %s, was trained on other facts and decides nothing", change.role, version)
        return replace(found, fault=FOREIGN)
    return replace(found, scorer=scorer)


def ask_models(inputs: Inputs, holder_id: uuid.UUID) -> Inputs:
    """Return inputs with what the models said that have a role; None of it without models, or without a bureau's report.

    `holder_id` is the key of the person's first account, by which they belong to the challenger's share or not. Makes queries only for
    roles and versions that this process has not cached.
    """
    held = roles_of_credit()
    if not held or inputs.bureau is None:
        return inputs if inputs.risk is None else replace(inputs, risk=None)
    failed = {role: one.fault for role, one in held.items() if one.fault}
    asked = {role: one for role, one in held.items() if not one.fault}
    return replace(inputs, risk=_risk(inputs, asked, _deciding(held, holder_id), inputs.amount_minor, failed))


def scored_by(inputs: Inputs, held: Held) -> Inputs:
    """Return inputs of somebody with a report, as if a model were champion and the only one."""
    return replace(inputs, risk=_risk(inputs, {Role.CHAMPION: held}, Role.CHAMPION, inputs.amount_minor, {}))


def rescored(inputs: Inputs, *, strict: bool = False) -> Inputs:
    """Return inputs with what the same models say of them now, which is the same unless facts were changed.

    Without an amount, as in a review of a limit, the models are told the last one, and what was used besides that purchase. If a stored
    version cannot be used, what it said stands; with `strict`, Damaged is raised.
    """
    risk = inputs.risk
    if risk is None or not risk.said or inputs.bureau is None:
        return inputs
    try:
        asked = {
            role: Held(one.model, one.version, one.kind, scorer=scorer_of(parse_id(ModelVersion.PREFIX, one.model)))
            for role, one in risk.said.items()
        }
    except Damaged:
        if strict:
            raise
        log.exception("a model of credit that decided before cannot be asked again")
        return inputs
    told = inputs.amount_minor or risk.amount_minor
    besides = 0 if inputs.amount_minor else risk.still_used_minor
    again = _risk(inputs, asked, risk.decides, told, risk.failed or {}, besides_minor=besides, known_only=risk.known_only)
    return replace(inputs, risk=replace(again, still_used_minor=risk.still_used_minor))


def _deciding(held: Mapping[str, Held], holder_id: uuid.UUID) -> str:
    """Return the role that decides about a person; empty for the points. The same person has the same until a role changes."""
    champion, challenger = held.get(Role.CHAMPION), held.get(Role.CHALLENGER)
    if champion is None:
        return ""
    if challenger is not None and not challenger.fault:
        # With another challenger, other people are in its share; those of a smaller share are also in a larger one.
        told = f"{challenger.model} {challenger.kind} {holder_id}"
        if int.from_bytes(sha256(told.encode()).digest()[:4]) % 100 < challenger.share:
            return Role.CHALLENGER.value
    return "" if champion.fault else Role.CHAMPION.value


def _risk(
    inputs: Inputs,
    asked: Mapping[str, Held],
    decides: str,
    amount_minor: int,
    failed: Mapping[str, str],
    *,
    besides_minor: int = 0,
    known_only: bool = True,
) -> Risk:
    """Return what models say of inputs with an amount; `besides_minor` of what is used is that purchase itself.

    A fact that nobody knew (a bank that was never shown) may count against a person, but is no reason: nothing true can be told of it.
    """
    assert inputs.bureau is not None
    told = {"amount_minor": amount_minor, "used_minor": max(0, inputs.used_minor - besides_minor), "banked": inputs.banked}
    facts = facts_of({"bureau": asdict(inputs.bureau), "history": asdict(inputs.history), **told})
    explained: dict[str, Any] = {}
    said, unread = {}, []
    codes: dict[str, None] = {}
    for role, one in asked.items():
        assert one.scorer is not None
        if one.model not in explained:
            # One call scores both models of a version.
            explained[one.model] = one.scorer.explain(facts, len(FACTS))
        odds, reasons = explained[one.model][one.kind]
        kept: list[Reason] = reasons if role == decides else []
        said[role] = Said(one.model, one.version, one.kind, round(probability(odds) * PPM), [[it.fact, round(it.loss, 4)] for it in kept])
        if role == decides:
            codes = dict.fromkeys(TOLD[it.fact] for it in reasons if facts[it.fact] is not None or not known_only)
            unread = [name for name in FACTS if name not in one.scorer.facts]
    return Risk(decides, said, tuple(codes)[:MAX_FACTORS], unread, amount_minor, dict(failed), known_only=known_only)
