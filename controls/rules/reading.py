"""Reads sets of rules from their stored JSON, and reports every fault with its place."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from controls.rules.cel import Condition, Fault, Language
from controls.rules.choices import MANY, OPERATORS, Choice, Operator, write_choices
from controls.rules.facts import NUMERIC, Fact, FactType, is_of_type
from controls.rules.sets import Band, Example, Line, Outcome, Rule, RuleSet, Terms, Then
from core.sentences import Figure, Sentence

MAX_RULES = 500
MAX_ROWS = 500
MAX_EXAMPLES = 200
MAX_NAME = 120
PRIORITY = 100
"""The priority of a rule that names none; 1 comes first."""
LAST_PRIORITY = 1_000
MOST_VALUE = 1_000_000_000
"""The largest number as value of an outcome."""
SCOPES = ("brand", "market", "merchant", "group")
"""The places to which a rule can be limited."""


class Faults(ValueError):
    """What is wrong with the JSON of a set: each fault by its place, such as `rules.2.when`."""

    def __init__(self, by_place: Mapping[str, Fault]) -> None:
        super().__init__("; ".join(f"{place}: {fault}" for place, fault in by_place.items()))
        self.by_place = dict(by_place)


def read_set(kept: Mapping[str, Any], terms: Terms, language: Language) -> RuleSet:
    """Parse a set of rules from JSON; Faults names everything that is wrong with it."""
    reader = _Reader(terms, language)
    listed = reader.list_of(kept, "rules", MAX_RULES)
    rules = [reader.rule(f"rules.{number}", one) for number, one in enumerate(listed)]
    examples = [reader.example(f"examples.{number}", one) for number, one in enumerate(reader.list_of(kept, "examples", MAX_EXAMPLES))]
    reader.same_ids(listed)
    if reader.faults:
        raise Faults(reader.faults)
    return RuleSet(language, tuple(sorted(filter(None, rules), key=lambda rule: rule.priority)), tuple(filter(None, examples)))


class _Reader:
    """Reads the parts of a set and collects their faults."""

    def __init__(self, terms: Terms, language: Language) -> None:
        self.terms, self.language, self.faults = terms, language, dict[str, Fault]()

    def fault(self, place: str, code: str, told: Sentence) -> None:
        self.faults.setdefault(place, Fault(code, told))

    def list_of(self, kept: Mapping[str, Any], name: str, most: int) -> list[Any]:
        found = kept.get(name, [])
        if not isinstance(found, list):
            self.fault(name, "not_a_list", Sentence("This must be a list."))
            return []
        if len(found) > most:
            self.fault(name, "too_many", Sentence("At most %(most)s are allowed.", most=most))
        return found[:most]

    def same_ids(self, listed: Sequence[Any]) -> None:
        ids = [one.get("id") for one in listed if isinstance(one, dict)]
        for number, found in enumerate(ids):
            if found in ids[:number]:
                self.fault(f"rules.{number}.id", "same_id", Sentence("Another rule has this id."))

    def rule(self, place: str, kept: Any) -> Rule | None:
        if not isinstance(kept, dict):
            self.fault(place, "not_an_object", Sentence("This must be an object."))
            return None
        before = len(self.faults)
        form = kept.get("form", "rule")
        if form not in ("rule", "table", "points"):
            self.fault(f"{place}.form", "unknown", Sentence("This is not known here."))
        scope = self.scope(f"{place}.scope", kept.get("scope") or {})
        parts: dict[str, Any] = {}
        if form == "rule":
            parts["lines"] = (self.line(place, kept, kept.get("when"), scope),)
        elif form == "table":
            parts["lines"] = tuple(self.table(place, kept, scope))
        elif form == "points":
            parts["bands"] = tuple(self.bands(place, kept, scope))
            parts["steps"] = tuple(self.steps(place, kept, scope))
        head = self.head(place, kept)
        if len(self.faults) > before:
            return None
        return Rule(form=form, scope=scope, **head, **parts)

    def head(self, place: str, kept: Mapping[str, Any]) -> dict[str, Any]:
        for name in ("id", "name"):
            given = kept.get(name)
            if not isinstance(given, str) or not given.strip() or len(given) > MAX_NAME:
                self.fault(f"{place}.{name}", "name", Sentence("Give it a name of at most %(most)s characters.", most=MAX_NAME))
        priority = kept.get("priority", PRIORITY)
        if isinstance(priority, bool) or not isinstance(priority, int) or not 1 <= priority <= LAST_PRIORITY:
            self.fault(
                f"{place}.priority",
                "priority",
                Sentence("Choose a whole number from 1, which comes first, to %(last)s.", last=LAST_PRIORITY),
            )
        starts, ends = self.day(place, kept, "starts_on"), self.day(place, kept, "ends_on")
        if starts and ends and ends < starts:
            self.fault(f"{place}.ends_on", "ends_before", Sentence("It ends before it begins."))
        return {"id": kept.get("id"), "name": kept.get("name"), "priority": priority, "starts_on": starts, "ends_on": ends}

    def day(self, place: str, kept: Mapping[str, Any], name: str) -> date | None:
        given = kept.get(name)
        if not given:
            return None
        try:
            return date.fromisoformat(given)
        except (TypeError, ValueError):
            self.fault(f"{place}.{name}", "not_a_day", Sentence("This is no date."))
            return None

    def scope(self, place: str, kept: Any) -> dict[str, str]:
        if not isinstance(kept, dict) or not set(kept) <= set(SCOPES) or not all(isinstance(one, str) for one in kept.values()):
            self.fault(place, "scope", Sentence("A rule may be limited to a brand, a market, a shop and a customer group."))
            return {}
        return {name: value for name, value in kept.items() if value}

    def condition(self, place: str, text: Any, scope: Mapping[str, str]) -> Condition | None:
        try:
            found = self.language.compile(text if isinstance(text, str) else "")
        except Fault as fault:
            self.faults.setdefault(place, fault)
            return None
        for name in sorted(found.uses):
            fact = self.terms.facts[name]
            law = fact.law_against(scope.get("market", ""))
            if law:
                self.fault(place, "forbidden", Sentence("“%(title)s” must not be used here: %(law)s.", title=fact.title, law=law))
            if fact.type == FactType.AMOUNT and "market" not in scope:
                self.fault(
                    place,
                    "no_currency",
                    Sentence("Choose a market: “%(title)s” is an amount, which has no meaning without a currency.", title=fact.title),
                )
        return found

    def line(self, place: str, kept: Mapping[str, Any], text: Any, scope: Mapping[str, str]) -> Line | None:
        when, then = self.condition(f"{place}.when", text, scope), self.then(place, kept.get("then"), scope)
        return Line(when, then) if when and then else None

    def then(self, place: str, kept: Any, scope: Mapping[str, str]) -> Then | None:
        kept = kept if isinstance(kept, dict) else {}
        outcome = self.terms.outcomes.get(str(kept.get("outcome")))
        if outcome is None:
            self.fault(f"{place}.then", "outcome", Sentence("Choose what follows."))
            return None
        if kept.get("reason") not in self.terms.reasons:
            self.fault(f"{place}.reason", "reason", Sentence("Choose a reason."))
            return None
        value = kept.get("value")
        if told := _value_fault(outcome, value, scope):
            self.fault(f"{place}.value", "value", told)
            return None
        return Then(kept["outcome"], kept["reason"], value if outcome.value else None)

    def table(self, place: str, kept: Mapping[str, Any], scope: Mapping[str, str]) -> list[Line | None]:
        columns = self.columns(place, kept)
        rows = self.list_of(kept, "rows", MAX_ROWS)
        if not rows:
            self.fault(f"{place}.rows", "empty", Sentence("A table needs a row."))
        return [self.row(f"{place}.rows.{number}", one, columns, scope) for number, one in enumerate(rows)] if columns else []

    def columns(self, place: str, kept: Mapping[str, Any]) -> list[tuple[Fact, Operator]]:
        found = []
        for number, one in enumerate(self.list_of(kept, "columns", 20)):
            fact = self.fact_of(one)
            if fact is None or one.get("operator") not in OPERATORS[fact.type]:
                self.fault(f"{place}.columns.{number}", "column", Sentence("Choose a fact, and how it is compared."))
            else:
                found.append((fact, Operator(one["operator"])))
        if not found:
            self.fault(f"{place}.columns", "empty", Sentence("A table needs a column."))
        return found

    def fact_of(self, kept: Any) -> Fact | None:
        return self.terms.facts.get(str(kept.get("fact"))) if isinstance(kept, dict) else None

    def row(self, place: str, kept: Any, columns: Sequence[tuple[Fact, Operator]], scope: Mapping[str, str]) -> Line | None:
        cells = kept.get("cells") if isinstance(kept, dict) else None
        if not isinstance(cells, list) or len(cells) != len(columns):
            self.fault(place, "cells", Sentence("A row needs a cell for each column."))
            return None
        choices = []
        for number, (value, (fact, operator)) in enumerate(zip(cells, columns, strict=True)):
            if value is None:
                continue
            if not _fits_cell(value, fact, operator):
                self.fault(f"{place}.cells.{number}", "cell", Sentence("This value does not fit its column."))
                return None
            choices.append(Choice(fact.name, operator, tuple(value) if operator in MANY else value))
        text = write_choices(choices, "and", self.terms.facts) if choices else "true"
        return self.line(place, kept, text, scope)

    def bands(self, place: str, kept: Mapping[str, Any], scope: Mapping[str, str]) -> list[Band]:
        found = []
        for number, one in enumerate(self.list_of(kept, "bands", 50)):
            here = f"{place}.bands.{number}"
            fact = self.fact_of(one)
            if fact is None or fact.type not in NUMERIC:
                self.fault(here, "fact", Sentence("Choose a fact that is a number."))
                continue
            bounds = one.get("bounds")
            if not _are_bounds(bounds):
                self.fault(here, "bounds", Sentence("Write each lowest value with its points, from the lowest up."))
                continue
            conditions = [(self.bound(here, fact, least, scope), points) for least, points in bounds]
            found.append(Band(fact.name, tuple((condition, points) for condition, points in conditions if condition)))
        if not found:
            self.fault(f"{place}.bands", "empty", Sentence("Points need a fact."))
        return found

    def bound(self, place: str, fact: Fact, least: float, scope: Mapping[str, str]) -> Condition | None:
        return self.condition(place, write_choices([Choice(fact.name, Operator.AT_LEAST, least)], "and", self.terms.facts), scope)

    def steps(self, place: str, kept: Mapping[str, Any], scope: Mapping[str, str]) -> list[tuple[int, Then]]:
        found = []
        for number, one in enumerate(self.list_of(kept, "steps", 20)):
            here = f"{place}.steps.{number}"
            least = one.get("at_least") if isinstance(one, dict) else None
            if isinstance(least, bool) or not isinstance(least, int):
                self.fault(here, "points", Sentence("Write from how many points on."))
                continue
            then = self.then(here, one.get("then"), scope)
            if then:
                found.append((least, then))
        if not found:
            self.fault(f"{place}.steps", "empty", Sentence("Say what follows from how many points on."))
        return sorted(found, key=lambda step: step[0])

    def example(self, place: str, kept: Any) -> Example | None:
        if not isinstance(kept, dict) or not isinstance(kept.get("facts"), dict) or not isinstance(kept.get("expects"), list):
            self.fault(place, "example", Sentence("An example needs facts, and what is expected."))
            return None
        for name, value in kept["facts"].items():
            fact = self.terms.facts.get(name)
            if fact is None or not is_of_type(fact, value):
                self.fault(f"{place}.facts.{name}", "fact", Sentence("This is no value of a known fact."))
        if not set(kept["expects"]) <= set(self.terms.outcomes):
            self.fault(f"{place}.expects", "outcome", Sentence("Choose what follows."))
        scope = self.scope(f"{place}.place", kept.get("place") or {})
        return Example(str(kept.get("name", ""))[:MAX_NAME], kept["facts"], scope, frozenset(map(str, kept["expects"])))


def _value_fault(outcome: Outcome, value: Any, scope: Mapping[str, str]) -> Sentence | None:
    """Return what is wrong with the value of an outcome; None if it is valid."""
    unfit = Sentence("This value does not fit what follows.")
    if outcome.value is None:
        return None if value is None else unfit
    if outcome.value in NUMERIC:
        if not _is_number(value, outcome.value):
            return unfit
        if not outcome.least <= value <= min(outcome.most, MOST_VALUE):
            bounds = {"least": outcome.least, "most": min(outcome.most, MOST_VALUE)}
            share = outcome.value == FactType.SHARE
            told = {
                name: Figure(str(bound), "percent", round(bound * 10_000)) if share else Figure(str(bound), "number", bound)
                for name, bound in bounds.items()
            }
            return Sentence("Enter a number from %(least)s to %(most)s.", **told)
        no_currency = outcome.value == FactType.AMOUNT and "market" not in scope
        return Sentence("Choose a market: an amount has no meaning without a currency.") if no_currency else None
    if value is None or not is_of_type(Fact("", outcome.value, "", "", None), value):
        return unfit
    listed = Sentence("Choose one of these: %(choices)s.", choices=", ".join(outcome.choices))
    return listed if outcome.choices and value not in outcome.choices else None


def _is_number(value: Any, kind: FactType) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (kind != FactType.WHOLE and isinstance(value, float))


def _fits_cell(value: Any, fact: Fact, operator: Operator) -> bool:
    """Return whether a cell's value fits its column; amounts are in whole units."""
    if operator in (Operator.YES, Operator.NO):
        return value is True
    if operator in MANY:
        return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
    if fact.type in NUMERIC:
        return _is_number(value, fact.type)
    return isinstance(value, str)


def _are_bounds(given: Any) -> bool:
    """Return whether these are pairs (lowest value, whole number of points) in ascending order."""
    if not isinstance(given, list) or not given or len(given) > 50:
        return False
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2:
            return False
        least, points = pair
        if isinstance(least, bool) or not isinstance(least, int | float) or isinstance(points, bool) or not isinstance(points, int):
            return False
    return all(one[0] < other[0] for one, other in itertools.pairwise(given))
