"""Evaluate rules again for a case of the past, by the version that was in force, and compare the result with what was found then."""

from dataclasses import dataclass
from enum import StrEnum

from controls.models import RuleCase, RuleVersion
from controls.rules.reading import Faults
from controls.rules.sets import Finding, Place
from controls.services.ruling import kept_finding, rules_of
from core.money import exponent


class Replayed(StrEnum):
    """What came of it: the same, something else, or nothing because no rules were in force, the facts were erased, or a fact is gone."""

    SAME = "same"
    OTHER = "other"
    NO_RULES = "no_rules"
    ERASED = "erased"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Replay:
    """The rules that hold for the stored facts by the stored version, and how that compares with what was found then."""

    result: Replayed
    findings: tuple[Finding, ...] = ()


def replay_case(*, case: RuleCase) -> Replay:
    """Evaluate a case again. One query."""
    if not case.version:
        return Replay(Replayed.NO_RULES)
    if not case.facts:
        return Replay(Replayed.ERASED)
    version = RuleVersion.objects.get(kind=case.kind, number=case.version)
    place = Place(case.brand, case.market, case.merchant, tuple(case.groups), case.on)
    try:
        said = rules_of(version).ask(case.facts, place, exponent=exponent(case.currency))
    except Faults:
        return Replay(Replayed.UNREADABLE)
    same = [kept_finding(one) for one in said.findings] == [list(one) for one in case.findings]
    return Replay(Replayed.SAME if same else Replayed.OTHER, said.findings)
