"""The kinds of rules: over which facts each speaks, and what may follow; the app that asks them defines the kind.

`bnpl.rules` names all of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from controls.rules.cel import Language
from controls.rules.facts import Fact, FactType, facts_by_name
from controls.rules.sets import Finding, Outcome, Terms
from core.errors import NotFound
from core.sentences import Text


@dataclass(frozen=True, slots=True)
class Consequence:
    """What became of a case since: the amount that is overdue or was written off, in minor units of the case's currency."""

    lost_minor: int = 0


class RuleKind(ABC):
    """A kind of rules: its name, its title for people, its facts, the outcomes that may follow, and the reasons that are told."""

    name: ClassVar[str]
    title: ClassVar[Text]
    about: ClassVar[Text]
    facts: ClassVar[Sequence[Fact]]
    outcomes: ClassVar[Mapping[str, Outcome]]
    reasons: ClassVar[Mapping[str, Text]]
    may_see_cases: ClassVar[str] = ""
    """The permission without which nobody learns which cases there were; empty where who sees the rules may."""
    counts_values: ClassVar[bool] = False
    """Whether another value of the same outcome is another answer, in trials and of an observed version."""
    shipped: ClassVar[Mapping[str, Any]] = {}
    """The rules that come with the product, as `controls.rules.reading` reads them; empty where none do."""

    @property
    def terms(self) -> Terms:
        """Return over what the rules speak."""
        return Terms(facts_by_name(self.facts), self.outcomes, self.reasons)

    def counting(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return which of the rules that hold count: the first with the gravest outcome."""
        return sorted(findings, key=lambda one: -self.outcomes[one.then.outcome].grave)[:1]

    def gravest(self, findings: Sequence[Finding]) -> str:
        """Return the outcome of what rules found, by which cases are counted; empty where none held.

        Where values make the difference, they stand behind it: `factor:0.8 cap:1500`.
        """
        counting = [one.then for one in self.counting(findings)]
        return " ".join(f"{one.outcome}:{one.value}" if self.counts_values and one.value is not None else one.outcome for one in counting)

    def value_fact(self, outcome: str) -> Fact:
        """Return the value of an outcome as a fact, to read and to write it like one."""
        found = self.outcomes[outcome]
        return Fact("", found.value or FactType.TEXT, found.title, "", None, choices=found.choices)

    @abstractmethod
    def link(self, subject: str) -> str:
        """Return the address of a case's page in the back office; empty where it has none."""

    def consequences(self, subjects: Sequence[str]) -> Mapping[str, Consequence]:
        """Return what became of cases since, by subject; those without a loss may be left out."""
        return {}


def kept_rule(finding: Finding, version: int, kind: str) -> dict[str, Any]:
    """Return what a row keeps of the rule that brought it about: its name, id, kind, version, and the row of a table or the points."""
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


def shipped_rule(key: str, name: str, priority: int, when: str, outcome: str, reason: str, **then: str) -> dict[str, Any]:
    """Return a rule that comes with the product, as a version stores it: `when` is a condition in CEL, `then` adds to its outcome."""
    return {"id": key, "name": name, "priority": priority, "when": when, "then": {"outcome": outcome, **then, "reason": reason}}


@cache
def shipped_names() -> dict[str, str]:
    """Return the names of rules and examples that come with the product, in English, each with the file in which it stands."""
    found: dict[str, str] = {}
    for kind in list_rule_kinds():
        place = type(kind).__module__.replace(".", "/") + ".py"
        found |= {one["name"]: place for listed in kind.shipped.values() for one in listed}
    return found


def list_texts() -> list[tuple[str, str]]:
    """Return what of the rules is to be translated, each with its place, for `UNMARKED_TEXTS`."""
    return list(shipped_names().items())


def name_shown(name: str) -> str:
    """Return the name of a rule or an example in the present language; as it stands where operators wrote it."""
    return gettext(name) if name in shipped_names() else name


def name_kept(shown: str) -> str:
    """Return a name as it is kept, of one as `name_shown` gave it to a form: what comes with the product stays so in every language."""
    return next((name for name in shipped_names() if gettext(name) == shown), shown)
