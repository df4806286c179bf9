"""Assessments in words, translated: each signal with value, unit and meaning, decisive ones first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from controls.queries import get_rules
from controls.rule_kinds import get_rule_kind, language_of
from controls.rules.cel import Fault
from controls.rules.facts import FactType, value_of
from controls.wording import Wording
from core.errors import NotFound
from core.money import exponent
from fraud.acts.facts import COUNTED_ACTS
from fraud.acts.queries import acts_before
from fraud.facts import BY_NAME, FACTS, MODEL_RISK
from fraud.models import Assessment
from fraud.ruling import FRAUD, TITLES
from fraud.states import ActKind, Verdict
from fraud.words import NETWORKS
from learning.models import Role

ROLES = {Role.CHAMPION: _("Champion"), Role.CHALLENGER: _("Challenger"), Role.SHADOW: _("Shadow")}

ACTS = {
    ActKind.SIGN_IN: _("Signed in"),
    ActKind.CODE_FAILED: _("A code was mistyped"),
    ActKind.ADDRESS: _("The address was changed"),
    ActKind.CONTACT: _("The e-mail address or phone number was changed"),
    ActKind.CARD: _("A card was added"),
    ActKind.ACCOUNT: _("A bank account was added"),
}
OF_DEVICE = (
    "new_device",
    "device_",
    "signin",
    "failed_codes",
    "new_signin_days",
    "changed_new_days",
    "added_",
    "browser_",
    "network_",
    "zone_gap",
    "pasted_name",
    "fill_s",
)
"""Prefixes of the names of signals about device, network and sign-ins."""


@dataclass(frozen=True, slots=True)
class SignalWords:
    """A signal in words; `decided`: a rule that held read it."""

    name: str
    title: str
    value: str
    unit: str
    meaning: str
    decided: bool


@dataclass(frozen=True, slots=True)
class ModelWords:
    """A model's score in words: its role, its version, the probability of fraud, and the signals that raise it, strongest first."""

    role: str
    version: str
    risk: str
    reasons: list[str]
    decides: bool


@dataclass(frozen=True, slots=True)
class ActWords:
    """An act on the account in words: when, what, and its network; `new`: from a new device, or within a week after a sign-in from one."""

    at: datetime
    word: str
    network: str
    new: bool


@dataclass(frozen=True, slots=True)
class AssessmentWords:
    """An assessment in words: its verdict, the version of the rules, the reasons, its signals, the models, and earlier acts on the account.

    Decisive signals come first, then those about device and network, then the others. Acts are the newest of the 30 days before.
    """

    verdict: str
    version: int
    reasons: list[str]
    decided: list[SignalWords]
    device: list[SignalWords]
    others: list[SignalWords]
    models: list[ModelWords]
    acts: list[ActWords]

    @property
    def is_forgotten(self) -> bool:
        """Whether the signals were erased with the person."""
        return not (self.decided or self.device or self.others)


def describe_assessment(assessment: Assessment, currency: str) -> AssessmentWords:
    """Return an assessment in words; amounts are in `currency`. Two queries."""
    asked, reasons = _asked(assessment), get_rule_kind(FRAUD).reasons
    wording = Wording(language_of(FRAUD).facts, currency=currency)
    found = []
    for fact in FACTS:
        kept = assessment.signals.get(fact.name)
        if kept is None or kept == []:
            continue
        listed = fact.type == FactType.TEXTS
        value = ", ".join(kept) if listed else wording.value(fact, value_of(fact, kept, exponent=exponent(currency)))
        title, unit = str(fact.title), fact.unit_of(kept)
        found.append(SignalWords(fact.name, title[:1].upper() + title[1:], value, unit, str(fact.meaning), fact.name in asked))
    # Acts that did not happen are told among the others.
    none = {name for name in COUNTED_ACTS if not assessment.signals.get(name)}
    near = {one.name for one in found if one.name.startswith(OF_DEVICE)} - none
    codes = dict.fromkeys(reason for _rule, _row, _outcome, reason, _value in assessment.findings)
    return AssessmentWords(
        str(TITLES[Verdict(assessment.verdict)]),
        assessment.version,
        [str(reasons.get(code, code)) for code in codes],
        [one for one in found if one.decided],
        [one for one in found if not one.decided and one.name in near],
        [one for one in found if not one.decided and one.name not in near],
        _models(assessment.scores, wording),
        _acts(assessment),
    )


def _acts(assessment: Assessment) -> list[ActWords]:
    """Return the acts on the account before an attempt, the newest first."""
    return [
        ActWords(act.at, str(ACTS[ActKind(act.kind)]), str(NETWORKS.get(act.network_kind, "")), bool(act.from_new))
        for act in acts_before(assessment.consumer_id, assessment.at)
    ]


def _models(scores: Mapping[str, Any], wording: Wording) -> list[ModelWords]:
    """Return each model's score, in the order of roles."""
    return [
        ModelWords(
            str(title),
            scores[role]["version"],
            wording.value(MODEL_RISK, scores[role]["risk"]),
            [str(BY_NAME[name].title) if name in BY_NAME else name for name, _loss in scores[role]["reasons"]],
            role == scores["decides"],
        )
        for role, title in ROLES.items()
        if role in scores
    ]


def _asked(assessment: Assessment) -> frozenset[str]:
    """Return the signals read by the rules that held."""
    held = {rule for rule, *_rest in assessment.findings}
    try:
        content: Mapping[str, Any] = get_rules(FRAUD, assessment.version).content if held else {}
    except NotFound:
        return frozenset()
    names: frozenset[str] = frozenset()
    for rule in content.get("rules", ()):
        if rule["id"] in held:
            names |= uses_of(rule)
    return names


def uses_of(rule: Mapping[str, Any]) -> frozenset[str]:
    """Return the signals in a rule's condition; for a table or points, in all rows."""
    lines = [rule, *rule.get("rows", ())]
    names = frozenset(band["fact"] for band in rule.get("bands", ()) if "fact" in band)
    for text in (line.get("when") for line in lines):
        try:
            names |= language_of(FRAUD).compile(text).uses if isinstance(text, str) and text else frozenset()
        except Fault:
            continue
    return names
