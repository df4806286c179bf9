"""The kinds of rules: the facts and the possible outcomes of each. The app that evaluates the rules defines the kind.

`bnpl.rules` names all of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from controls.rules.cel import Language
from controls.rules.facts import Fact, FactType, facts_by_name
from controls.rules.sets import Finding, Outcome, Rule, Terms, Then
from controls.rules.trials import Compared
from core.errors import NotFound
from core.sentences import Sentence, Text


@dataclass(frozen=True, slots=True)
class Consequence:
    """What happened after a case: the amount that is overdue or was written off, in minor units of the case's currency."""

    lost_minor: int = 0


@dataclass(frozen=True, slots=True)
class Sweep:
    """The warnings about a trial in which a version affects every case, many of them (`%(share)s`), or none.

    With `counts_others`, the affected cases are those with another outcome than before; otherwise those with any outcome.
    """

    every: Text
    many: Text
    none: Text
    counts_others: bool = False


class RuleKind(ABC):
    """A kind of rules: its name, its title, its facts, its possible outcomes, and the reasons shown to people."""

    name: ClassVar[str]
    title: ClassVar[Text]
    about: ClassVar[Text]
    facts: ClassVar[Sequence[Fact]]
    outcomes: ClassVar[Mapping[str, Outcome]]
    reasons: ClassVar[Mapping[str, Text]]
    may_see_cases: ClassVar[str] = ""
    """The permission needed to see cases; empty if the permission to see the rules is enough."""
    idle: ClassVar[str] = ""
    """The outcome that has no effect, besides the empty one."""
    usual: ClassVar[str] = ""
    """The outcome that comes about without a rule too, so that trials count it as none."""
    nothing: ClassVar[Text] = _("Nothing follows")
    """The words of the empty outcome: what becomes of a case for which no rule holds."""
    no_rules: ClassVar[Text] = _("No rule. Nothing follows for any case.")
    followed: ClassVar[Text] = _("Something followed")
    """The title of the cases that have an outcome, in trials."""
    compared: ClassVar[Compared] = Compared.WHOLE
    """How trials compare two outcomes of a case."""
    worth_title: ClassVar[Text] = ""
    """The title of what `worth_minor` counts; empty if the outcomes set no amount."""
    sums_title: ClassVar[Text] = ""
    """The title of the sum of `worth_minor` over all cases; empty if trials do not add it up."""
    segment_facts: ClassVar[Sequence[str]] = ()
    """The facts by whose values trials count too, besides places and months."""
    sweep: ClassVar[Sweep] = Sweep(
        every=_("Something would have followed for every case of these months. A rule that holds for everything tells nothing apart."),
        many=_("Something would have followed for %(share)s of all cases. Look at the rules that held most often before you propose this."),
        none=_("Nothing would have followed for any case of these months."),
    )
    shipped: ClassVar[Mapping[str, Any]] = {}
    """The built-in rules, as JSON for `controls.rules.reading`; empty if there are none."""
    suggested: ClassVar[Mapping[str, Any]] = {}
    """Rules and examples that hold only where operators choose them, as the demo's do; their names are translated too."""

    @property
    def counts_values(self) -> bool:
        """Whether a different value of the same outcome counts as a different answer, in trials and for an observed version."""
        return self.compared != Compared.WHOLE

    @property
    def terms(self) -> Terms:
        """Return the facts, outcomes and reasons of the rules."""
        return Terms(facts_by_name(self.facts), self.outcomes, self.reasons)

    def counting(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return the findings that count: the first one with the gravest outcome."""
        return sorted(findings, key=lambda one: -self.outcomes[one.then.outcome].grave)[:1]

    def gravest(self, findings: Sequence[Finding]) -> str:
        """Return the outcome by which a case is counted; empty if no rule held.

        If values count (`counts_values`), they are included: `factor:0.8 cap:1500`.
        """
        counting = [one.then for one in self.counting(findings)]
        return " ".join(f"{one.outcome}:{one.value}" if self.counts_values and one.value is not None else one.outcome for one in counting)

    def without_usual(self, outcome: str) -> str:
        """Return an outcome of a case without the part that comes about without a rule too (`usual`)."""
        return " ".join(part for part in outcome.split() if part != self.usual)

    def gravest_kept(self, kept: Sequence[Sequence[Any]]) -> str:
        """Return the outcome by which a case is counted from its stored findings (`RuleCase.findings`)."""
        known = [one for one in kept if one[2] in self.outcomes]
        return self.gravest([Finding(rule, "", Then(outcome, reason, value), row) for rule, row, outcome, reason, value in known])

    def worth_minor(self, facts: Mapping[str, Any], outcome: str, decimals: int) -> int | None:
        """Return the amount that an outcome sets for a case of stored facts, in minor units; None if it sets none, or is not known.

        `decimals` are those of the case's currency.
        """
        return None

    def value_fact(self, outcome: str) -> Fact:
        """Return a fact with the type of an outcome's value, to parse and format the value."""
        found = self.outcomes[outcome]
        return Fact("", found.value or FactType.TEXT, found.title, "", None, choices=found.choices)

    @abstractmethod
    def link(self, subject: str) -> str:
        """Return the URL of a case's page in the back office; empty if it has none."""

    def objection(self, rule: Rule, then: Then, on: date) -> Sentence | None:
        """Return why a rule may not lead to one of its results on a date, such as the law against it; None if it may."""
        return None

    def consequences(self, subjects: Sequence[str]) -> Mapping[str, Consequence]:
        """Return what happened after cases, by subject; cases without a loss may be left out."""
        return {}


def kept_rule(finding: Finding, version: int, kind: str) -> dict[str, Any]:
    """Return what a row stores about the rule that caused it: its name, id, kind, version, and the row of a table or the points."""
    return {"rule": finding.name, "id": finding.rule, "set": kind, "version": version, "row": finding.row}


@cache
def _all() -> dict[str, RuleKind]:
    kinds = [import_string(path)() for path in import_string(settings.RULE_KINDS)]
    return {kind.name: kind for kind in kinds}


def get_rule_kind(name: str) -> RuleKind:
    """Return a kind of rules by its name; NotFound."""
    kind = _all().get(name)
    if kind is None:
        raise NotFound("There is no such kind of rules.")
    return kind


def list_rule_kinds() -> list[RuleKind]:
    """Return all kinds of rules."""
    return list(_all().values())


@cache
def language_of(name: str) -> Language:
    """Return the language of a kind's conditions."""
    return Language(get_rule_kind(name).terms.facts)


def shipped_rule(key: str, name: str, priority: int, when: str, outcome: str, reason: str, **then: str | float) -> dict[str, Any]:
    """Return a built-in rule in the form stored in a version: `when` is a condition in CEL, `then` is merged into its outcome."""
    return {"id": key, "name": name, "priority": priority, "when": when, "then": {"outcome": outcome, **then, "reason": reason}}


@cache
def shipped_names() -> dict[str, str]:
    """Return the English names of built-in rules and examples, each with its source file."""
    found: dict[str, str] = {}
    for kind in list_rule_kinds():
        place = type(kind).__module__.replace(".", "/") + ".py"
        found |= {one["name"]: place for content in (kind.shipped, kind.suggested) for listed in content.values() for one in listed}
    return found


def list_texts() -> list[tuple[str, str]]:
    """Return the texts of rules to translate, each with its place, for `UNMARKED_TEXTS`."""
    return list(shipped_names().items())


def name_shown(name: str) -> str:
    """Return the translated name of a rule or an example; names written by operators are returned unchanged."""
    return gettext(name) if name in shipped_names() else name


def name_kept(shown: str) -> str:
    """Undo `name_shown` for a name from a form, so that a built-in name stays the built-in one in every language."""
    return next((name for name in shipped_names() if gettext(name) == shown), shown)
