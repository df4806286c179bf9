"""A set of rules, and its evaluation for a case."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from controls.rules.cel import Case, Condition, Language
from controls.rules.facts import Fact, FactType
from core.sentences import Text


@dataclass(frozen=True, slots=True)
class Outcome:
    """A possible outcome of a rule: its title, and the type of its value (`value` is None if it has none).

    `choices` are the allowed values of a text, `least` and `most` the bounds of a number; an amount is in whole units, as in conditions.
    `grave` ranks the outcomes of a kind: of several findings, the gravest counts.
    """

    title: Text
    grave: int = 0
    value: FactType | None = None
    choices: Mapping[str, Text] = field(default_factory=dict)
    least: float = 0
    most: float = math.inf


@dataclass(frozen=True, slots=True)
class Terms:
    """The vocabulary of a kind's rules: its facts, outcomes and reasons, by name."""

    facts: Mapping[str, Fact]
    outcomes: Mapping[str, Outcome]
    reasons: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a case: brand, market, shop and the person's customer groups, by code or public id, and the local date."""

    brand: str
    market: str
    merchant: str
    groups: Collection[str]
    on: date


@dataclass(frozen=True, slots=True)
class Then:
    """The result of a rule: an outcome, its value, and the code of the reason shown to people."""

    outcome: str
    reason: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Line:
    """A condition and its result: a rule has one, a table one per row."""

    when: Condition
    then: Then


@dataclass(frozen=True, slots=True)
class Band:
    """The points for a fact: those of the highest bound that its value reaches; no points below the first bound.

    `bounds` are conditions in ascending order, each with its points.
    """

    fact: str
    bounds: tuple[tuple[Condition, int], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, a decision table or a points table, with the places, dates and priority at which it applies.

    A rule has one line. A table has several; the first that holds counts. Points have `bands`, and `steps` in ascending order of points.
    """

    id: str
    name: str
    form: str
    priority: int
    scope: Mapping[str, str]
    starts_on: date | None
    ends_on: date | None
    lines: tuple[Line, ...] = ()
    bands: tuple[Band, ...] = ()
    steps: tuple[tuple[int, Then], ...] = ()

    def conditions(self) -> Iterator[Condition]:
        """Yield the conditions of its lines and bands."""
        yield from (line.when for line in self.lines)
        yield from (bound for band in self.bands for bound, _points in band.bounds)

    def counts_at(self, place: Place) -> bool:
        """Return whether the rule applies to a case at this place and date."""
        if (self.starts_on and place.on < self.starts_on) or (self.ends_on and place.on > self.ends_on):
            return False
        scope = self.scope
        if not scope:
            return True
        own = {"brand": place.brand, "market": place.market, "merchant": place.merchant}
        return all(own[name] == scope[name] for name in own if name in scope) and ("group" not in scope or scope["group"] in place.groups)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that held for a case: its id, the row of a table (from 0) or the points, and the result."""

    rule: str
    name: str
    then: Then
    row: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """A condition that could not be evaluated for a case, and why (`Result`)."""

    rule: str
    trouble: str
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a set for a case: the rules that held, in order, and the conditions that could not be evaluated."""

    findings: tuple[Finding, ...]
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A case with the outcomes that the set must give for it."""

    name: str
    facts: Mapping[str, Any]
    place: Mapping[str, str]
    expects: frozenset[str]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a kind in one version, in order of evaluation."""

    language: Language
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...] = ()
    uses: frozenset[str] = field(init=False, repr=False, compare=False)
    """The names of the facts that any condition reads."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "uses", frozenset().union(*(one.uses for rule in self.rules for one in rule.conditions())))

    def ask(self, kept: Mapping[str, Any], place: Place, *, exponent: int) -> Answer:
        """Evaluate the rules for a case of stored facts; `exponent` is the number of decimals of its currency."""
        case = self.language.case(kept, exponent=exponent, uses=self.uses)
        findings: list[Finding] = []
        troubles: list[Trouble] = []
        for rule in self.rules:
            if rule.counts_at(place):
                found = _points(rule, case, troubles) if rule.bands else _lines(rule, case, troubles)
                findings += [found] if found else []
        return Answer(tuple(findings), tuple(troubles))


def _lines(rule: Rule, case: Case, troubles: list[Trouble]) -> Finding | None:
    for row, line in enumerate(rule.lines):
        if _holds(rule, line.when, case, troubles):
            return Finding(rule.id, rule.name, line.then, row)
    return None


def _points(rule: Rule, case: Case, troubles: list[Trouble]) -> Finding | None:
    points = 0
    for band in rule.bands:
        known = len(troubles)
        for bound, worth in reversed(band.bounds):
            if _holds(rule, bound, case, troubles):
                points += worth
            elif len(troubles) == known:
                continue
            break
    reached = [then for least, then in rule.steps if points >= least]
    return Finding(rule.id, rule.name, reached[-1], points) if reached else None


def _holds(rule: Rule, condition: Condition, case: Case, troubles: list[Trouble]) -> bool:
    result = condition.test(case)
    if result.trouble:
        troubles.append(Trouble(rule.id, result.trouble, result.about))
    return result.holds


def failed_examples(rules: RuleSet, *, exponents: Mapping[str, int], on: date) -> list[tuple[Example, frozenset[str]]]:
    """Return the examples for which the set does not give the expected outcomes, with the actual ones.

    `exponents` are the decimals of each market's currency; an example without a market has two.
    """
    failed = []
    for example in rules.examples:
        at = example.place
        place = Place(at.get("brand", ""), at.get("market", ""), at.get("merchant", ""), [at.get("group", "")], on)
        answer = rules.ask(example.facts, place, exponent=exponents.get(place.market, 2))
        given = frozenset(finding.then.outcome for finding in answer.findings)
        if given != example.expects:
            failed.append((example, given))
    return failed
