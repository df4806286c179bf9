"""Content of the pages of kinds and versions, as plain values."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.models import RuleTrial, RuleVersion
from controls.queries import (
    count_cases,
    count_findings,
    find_open_proposal,
    find_rules,
    last_trial,
    list_rules,
    list_trials,
    observed_differences,
    proposals_of,
)
from controls.routing import other_matters
from controls.rule_kinds import RuleKind, list_rule_kinds, name_shown
from controls.rules.reading import Faults
from controls.services.ruling import PROPOSED, examples_that_fail, rules_of
from controls.states import RULES_PROPOSABLE, RuleStatus, TrialStatus
from controls.telling import NameOf, OutcomeWords, differences_of_rules, outcome_words, tell_rules
from controls.warning import warnings_of
from core import clock
from core.moments import amount_words
from core.sentences import Sentence, translated
from operations.ruling.places import names_in
from operations.ruling.trials import link_of
from operations.tasklist import operators_by_key

RECENT = timedelta(days=30)
VERSIONS_SHOWN = 50
CASES_SHOWN = 50
SHOWN = 8
STATUSES: dict[str, Any] = {
    RuleStatus.DRAFT: (gettext_lazy("Draft"), ""),
    RuleStatus.SHADOW: (gettext_lazy("Observed"), "desk-prepared"),
    RuleStatus.LIVE: (gettext_lazy("Holds"), "desk-approved"),
    RuleStatus.RETIRED: (gettext_lazy("Ended"), ""),
    RuleStatus.DISCARDED: (gettext_lazy("Given up"), "desk-rejected"),
}
TRIAL_STATUSES: dict[str, Any] = {
    TrialStatus.WAITING: gettext_lazy("Waits for a worker"),
    TrialStatus.RUNNING: gettext_lazy("Runs"),
    TrialStatus.FINISHED: gettext_lazy("Done"),
    TrialStatus.FAILED: gettext_lazy("Not done"),
}
CHANGED = {
    "added": (gettext_lazy("New"), "desk-approved"),
    "removed": (gettext_lazy("Gone"), "desk-rejected"),
    "changed": (gettext_lazy("Changed"), "desk-waiting"),
}


def kinds(sees: Callable[[RuleKind], bool]) -> dict[str, Any]:
    """Return the content of the list of kinds; a constant number of queries per kind.

    For a kind whose cases the reader may not see, the consequences of cases are left out.
    """
    counts = count_cases(clock.now() - RECENT)
    lines = []
    for kind in list_rule_kinds():
        versions = list(list_rules(kind.name).filter(status__in=(RuleStatus.DRAFT, RuleStatus.SHADOW, RuleStatus.LIVE)))
        by_status = {one.status: one for one in versions}
        live = by_status.get(RuleStatus.LIVE)
        cases, some = counts.get(kind.name, (0, 0))
        lines.append(
            {
                "kind": kind,
                "link": reverse("admin:controls_rules", args=[kind.name]),
                "live": live,
                "rules": len(live.content.get("rules", [])) if live else 0,
                "observed": by_status.get(RuleStatus.SHADOW),
                "drafts": sum(one.status == RuleStatus.DRAFT for one in versions),
                "waiting": find_open_proposal(PROPOSED, kind.name),
                "cases": cases,
                "some": some if sees(kind) else None,
            }
        )
    return {"lines": lines}


def kind_page(kind: RuleKind, *, sees: bool) -> dict[str, Any]:
    """Return the content of a kind's page; without what followed, unless the reader may see the kind's cases."""
    since = clock.now() - RECENT
    versions = list(list_rules(kind.name)[:VERSIONS_SHOWN])
    live = next((one for one in versions if one.status == RuleStatus.LIVE), None) or find_rules(kind.name)
    observed = next((one for one in versions if one.status == RuleStatus.SHADOW), None)
    people = operators_by_key()
    cases, some = count_cases(since).get(kind.name, (0, 0))
    return {
        "kind": kind,
        "live": live,
        "rules": _rules(kind, live, count_findings(kind.name, live.number, since) if sees else None) if live else [],
        "observed": observed,
        "differences": observed_differences(kind.name, observed.number).count() if observed else 0,
        "versions": [version_line(one, people) for one in versions],
        "waiting": find_open_proposal(PROPOSED, kind.name),
        "proposals": list(proposals_of(kind.name, (PROPOSED,))[:SHOWN]),
        "cases": cases,
        "some": some if sees else None,
    }


def _rules(kind: RuleKind, version: RuleVersion, held: dict[str, int] | None) -> list[dict[str, Any]]:
    told = tell_rules(kind, version.content, names_in([version.content]))
    routed = {one.name for one in other_matters()}
    matters = {rule.id: f"{kind.name}:{rule.id}" for rule in told}
    return [
        {
            "rule": rule,
            "held": None if held is None else held.get(rule.id, 0),
            "matter": matters[rule.id] if matters[rule.id] in routed else "",
        }
        for rule in told
    ]


def version_line(version: RuleVersion, people: dict[str, str]) -> dict[str, Any]:
    """Return a version as a line of a list: its author, its time, and its state."""
    word, mark = STATUSES[version.status]
    return {
        "version": version,
        "link": reverse("admin:controls_rules_version", args=[version.kind, version.number]),
        "status": word,
        "mark": mark,
        "rules": len(version.content.get("rules", [])),
        "by": people.get(version.made_by, version.made_by),
        "changed_by": people.get(version.changed_by, version.changed_by),
        "began": version.began_at,
        "began_by": people.get(version.began_by, ""),
        "ended": version.ended_at,
        "can_go_back": version.status == RuleStatus.RETIRED and version.began_at is not None,
    }


def version_page(kind: RuleKind, version: RuleVersion) -> dict[str, Any]:
    """Return the content of a version's page: its rules in words, its examples and its trials."""
    name_of = names_in([version.content])
    rules = tell_rules(kind, version.content, name_of)
    trials = list(list_trials(version)[:SHOWN])
    last = last_trial(version)
    return {
        "kind": kind,
        "version": version,
        "line": version_line(version, operators_by_key()),
        "rules": rules,
        "examples": examples(kind, version),
        "trials": [{"trial": one, "status": TRIAL_STATUSES[one.status], "old": one.revision != version.revision} for one in trials],
        "warnings": warnings_of(last, kind) if last else [],
        "is_draft": version.status == RuleStatus.DRAFT,
        "is_observed": version.status == RuleStatus.SHADOW,
        "differences": observed_differences(kind.name, version.number).count() if version.observed_at else 0,
        "can_be_proposed": version.status in RULES_PROPOSABLE,
        "can_be_tried": version.status != RuleStatus.DISCARDED,
        "waiting": find_open_proposal(PROPOSED, kind.name),
    }


def examples(kind: RuleKind, version: RuleVersion) -> list[dict[str, Any]]:
    """Return the examples of a version, each with whether it passes."""
    try:
        failed = examples_that_fail(rules_of(version), clock.now())
    except Faults:
        failed = None
    lines = []
    for number, one in enumerate(version.content.get("examples", [])):
        name = str(one.get("name", ""))
        fault = "" if failed is None or name not in failed else _in_words(kind, failed[name])
        expects = ", ".join(outcome_words(kind, outcome) for outcome in one.get("expects", [])) or outcome_words(kind, "")
        lines.append({"number": number, "name": name_shown(name), "expects": expects, "fault": fault, "known": failed is not None})
    return lines


def _in_words(kind: RuleKind, fault: str) -> str:
    """Return what an example should have given and what it gave, with outcomes in words in place of their names."""
    if not isinstance(fault, Sentence):
        return translated(fault)
    told = {name: ", ".join(outcome_words(kind, one.strip("-")) for one in given.split(", ")) for name, given in fault.facts.items()}
    return translated(Sentence(fault.text, **told))


def changes(kind: RuleKind, before: RuleVersion | None, after: RuleVersion, name_of: NameOf) -> list[dict[str, Any]]:
    """Return in words the differences between two versions."""
    found = differences_of_rules(kind, before.content if before else {}, after.content, name_of)
    return [{"change": one, "what": CHANGED[one.what][0], "mark": CHANGED[one.what][1]} for one in found]


def what_it_means(kind: RuleKind, version: RuleVersion, before: RuleVersion | None) -> dict[str, Any]:
    """Return what people see before they propose or approve a version: its differences, and its last trial."""
    contents = [version.content, before.content] if before else [version.content]
    trial: RuleTrial | None = last_trial(version)
    return {
        "changes": changes(kind, before, version, names_in(contents)),
        "trial": trial,
        "warnings": warnings_of(trial, kind) if trial else [],
        "failing": [one for one in examples(kind, version) if one["fault"]],
    }


def different_cases(kind: RuleKind, version: RuleVersion) -> list[dict[str, Any]]:
    """Return the newest cases in which an observed version decided differently from the version in force."""
    words = OutcomeWords(kind)
    return [
        {
            "at": one.at,
            "subject": one.subject,
            "link": link_of(kind, one.subject),
            "before": words(one.outcome),
            "after": words(one.observed_outcome),
            "amount": amount_words(one.amount_minor, one.currency),
        }
        for one in observed_differences(kind.name, version.number)[:CASES_SHOWN]
    ]


def title_of(kind: RuleKind, version: RuleVersion) -> str:
    """Return the title of a version's pages."""
    return _("%(kind)s: version %(number)s") % {"kind": kind.title, "number": version.number}
