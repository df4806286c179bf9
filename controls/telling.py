"""Rules in words, translated, and the differences between versions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from controls.queries import Difference, get_rules
from controls.rule_kinds import RuleKind, get_rule_kind, language_of, name_shown
from controls.rules.facts import NUMERIC, FactType
from controls.rules.reading import Faults, read_set
from controls.rules.sets import Rule, Then
from controls.wording import Wording
from core.adjusting import Setting
from core.errors import NotFound
from core.formats import number_text
from core.moments import day_words, desk_locale, number_words, percent_words
from core.sentences import translated

NameOf = Callable[[str, str], str]
"""Names a place to which a rule is limited: `brand`, `market`, `merchant` or `group`, and its code."""


@dataclass(frozen=True, slots=True)
class LineWords:
    """The condition, the outcome, and the reason of a line; `when` begins without a capital letter."""

    when: str
    then: str
    reason: str


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule in words. A table has a line for each row, points one for each step, and `points` with the points of each fact.

    If the rule cannot be read, `fault` says why, and the rest is empty.
    """

    id: str
    name: str
    form: str
    priority: int
    lines: Sequence[LineWords] = ()
    points: Sequence[tuple[str, str]] = ()
    where: str = ""
    days: str = ""
    fault: str = ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Return the rule as names and texts, to compare two versions of it."""
        if self.fault:
            return [(_("Fault"), self.fault)]
        found = [(_("Name"), self.name), *((_("Points: %(fact)s") % {"fact": fact}, worth) for fact, worth in self.points)]
        for number, line in enumerate(self.lines, 1):
            label = _("Condition") if self.form == "rule" else _("Row %(number)s") % {"number": number}
            told = _("%(when)s → %(then)s (%(reason)s)") % {"when": line.when, "then": line.then, "reason": line.reason}
            found.append((label, told))
        return [
            *found,
            (_("Where"), self.where or _("everywhere")),
            (_("Days"), self.days or _("always")),
            (_("Priority"), str(self.priority)),
        ]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """How a rule differs between two versions: `added`, `removed` or `changed`, and each part before and after."""

    what: str
    name: str
    parts: Sequence[Difference]


def setting_words(setting: Setting, value: int | None) -> str:
    """Return a value of a setting with its unit; the default is marked as such."""
    shown = setting.base if value is None else value
    told = setting.unit.counted(shown) % {"number": number_text(shown, desk_locale())}
    return _("%(value)s (the default)") % {"value": told} if value is None else told


def currency_in(market: str) -> str:
    """Return the currency of a market; empty if there is no such market."""
    try:
        return str(import_string(settings.CURRENCY_OF_MARKET)(market)) if market else ""
    except NotFound:
        return ""


def tell_rules(kind: RuleKind, content: Mapping[str, Any], name_of: NameOf) -> list[RuleWords]:
    """Return the rules of a version's content in words, in order of evaluation; a rule with a fault says so."""
    found = [tell_rule(kind, one, name_of) for one in content.get("rules", [])]
    return sorted(found, key=lambda rule: rule.priority)


def tell_rule(kind: RuleKind, kept: Mapping[str, Any], name_of: NameOf) -> RuleWords:
    """Return a rule of a version's content in words."""
    try:
        (rule,) = read_set({"rules": [kept]}, kind.terms, language_of(kind.name)).rules
    except Faults as faults:
        told = " ".join(translated(fault.sentence) for fault in faults.by_place.values())
        name, priority = name_shown(str(kept.get("name"))), kept.get("priority", 0)
        return RuleWords(str(kept.get("id")), name, "rule", priority if isinstance(priority, int) else 0, fault=told)
    wording = Wording(kind.terms.facts, currency=currency_in(rule.scope.get("market", "")))
    points = [_points(kind, wording, rule, number) for number in range(len(rule.bands))]
    where = ", ".join(name_of(name, value) for name, value in rule.scope.items())
    return RuleWords(rule.id, name_shown(rule.name), rule.form, rule.priority, _lines(kind, wording, rule), points, where, _days(rule))


def _lines(kind: RuleKind, wording: Wording, rule: Rule) -> list[LineWords]:
    if rule.bands:
        steps = [(_("the points are at least %(points)s") % {"points": least}, then) for least, then in rule.steps]
    else:
        steps = [(always(wording.condition(line.when.tree), line.when.text), line.then) for line in rule.lines]
    return [LineWords(when, then_words(kind, wording, then), str(kind.terms.reasons[then.reason])) for when, then in steps]


def always(words: str, text: str) -> str:
    """Return a condition's words, or "always" for a condition that is always true."""
    return _("always") if text.strip() == "true" else words


def then_words(kind: RuleKind, wording: Wording, then: Then) -> str:
    """Return the outcome with its value, in words."""
    outcome = kind.terms.outcomes[then.outcome]
    if outcome.value is None:
        return str(outcome.title)
    value = outcome.choices.get(then.value) or wording.value(kind.value_fact(then.outcome), then.value)
    return _("%(outcome)s: %(value)s") % {"outcome": outcome.title, "value": value}


def outcome_words(kind: RuleKind, outcome: str) -> str:
    """Return the words of an outcome of `RuleKind.gravest`; an empty one becomes `RuleKind.nothing`."""
    return OutcomeWords(kind)(outcome)


class OutcomeWords:
    """The words of many outcomes of a kind, on one page: each part, such as a plan, is looked up once."""

    def __init__(self, kind: RuleKind) -> None:
        self.kind = kind
        self.known: dict[str, str] = {}

    def __call__(self, outcome: str) -> str:
        """Return the words of an outcome, as `outcome_words`."""
        for part in outcome.split():
            if part not in self.known:
                self.known[part] = _part_words(self.kind, part)
        return ", ".join(self.known[part] for part in outcome.split()) or str(self.kind.nothing)


def _part_words(kind: RuleKind, part: str) -> str:
    name, _sep, value = part.partition(":")
    if name not in kind.outcomes:
        return part
    outcome = kind.outcomes[name]
    if not value:
        return str(outcome.title)
    if outcome.value == FactType.SHARE:
        known = percent_words(round(float(value) * 10_000))
    else:
        known = number_words(value) if outcome.value in NUMERIC else str(outcome.choices.get(value, value))
    return _("%(outcome)s: %(value)s") % {"outcome": outcome.title, "value": known}


def _points(kind: RuleKind, wording: Wording, rule: Rule, number: int) -> tuple[str, str]:
    band = rule.bands[number]
    fact = kind.terms.facts[band.fact]
    worth = []
    for bound, points in band.bounds:
        value = wording.value(fact, bound.tree.parts[1].value)
        worth.append(_("from %(value)s: %(points)s") % {"value": value, "points": points})
    return str(fact.title), "; ".join(worth)


def _days(rule: Rule) -> str:
    start, end = rule.starts_on, rule.ends_on
    if start and end:
        return _("%(start)s to %(end)s") % {"start": day_words(start), "end": day_words(end)}
    if start:
        return _("from %(day)s") % {"day": day_words(start)}
    return _("until %(day)s") % {"day": day_words(end)} if end else ""


def differences_of_rules(kind: RuleKind, before: Mapping[str, Any], after: Mapping[str, Any], name_of: NameOf) -> list[RuleChange]:
    """Return the rules that only one version has, and the differences in those that both have."""
    old = {rule.id: rule for rule in tell_rules(kind, before, name_of)}
    new = {rule.id: rule for rule in tell_rules(kind, after, name_of)}
    added = [_one_sided("added", rule) for rule in new.values() if rule.id not in old]
    gone = [_one_sided("removed", rule) for rule in old.values() if rule.id not in new]
    both = [(old[key], rule) for key, rule in new.items() if key in old and old[key].parts != rule.parts]
    return [*added, *(RuleChange("changed", rule.name, _differing(was, rule)) for was, rule in both), *gone]


def _one_sided(what: str, rule: RuleWords) -> RuleChange:
    parts = [Difference(name, *(("", text) if what == "added" else (text, ""))) for name, text in rule.parts]
    return RuleChange(what, rule.name, parts)


def _differing(was: RuleWords, now: RuleWords) -> list[Difference]:
    before, after = dict(was.parts), dict(now.parts)
    names = dict.fromkeys([*after, *before])
    return [Difference(name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)]


@dataclass(frozen=True, slots=True)
class KeptWords:
    """A rule stored in a row (`controls.rule_kinds.kept_rule`): its name, its condition in words, and the URL of its version."""

    name: str
    words: str
    link: str


def tell_kept(kept: Mapping[str, Any]) -> KeptWords:
    """Return a stored rule in words. One query."""
    name = _("Rule “%(rule)s” (version %(version)s)") % {"rule": name_shown(kept["rule"]), "version": kept["version"]}
    words = explain(get_rule_kind(kept["set"]), kept["version"], kept["id"], kept.get("row", 0))
    return KeptWords(name, words, reverse("admin:controls_rules_version", args=[kept["set"], kept["version"]]))


def explain(kind: RuleKind, number: int, rule: str, row: int) -> str:
    """Return in words the condition of a version's rule that held; empty if it can no longer be read. One query."""
    try:
        content = get_rules(kind.name, number).content
    except NotFound:
        return ""
    kept = next((one for one in content.get("rules", []) if one.get("id") == rule), None)
    told = tell_rule(kind, kept, lambda _what, value: value) if kept else None
    if told is None or told.fault:
        return ""
    if told.form == "points":
        return _("it reached %(points)s points") % {"points": row}
    return told.lines[row].when if row < len(told.lines) else ""
