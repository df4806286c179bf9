"""Past evaluations of rules about an object: the facts, the results by version, and whether a repetition gives the same."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from controls.models import RuleCase
from controls.queries import list_cases
from controls.rule_kinds import RuleKind, get_rule_kind, kept_rule
from controls.rules.facts import FactType, value_of
from controls.services import Replayed, replay_case
from controls.telling import outcome_words, tell_kept
from controls.wording import Wording
from core.money import exponent

MOST = 20
RESULTS: dict[str, Any] = {
    Replayed.SAME: (_("Asked again: the same"), "desk-approved"),
    Replayed.OTHER: (_("Asked again: something else"), "desk-rejected"),
    Replayed.NO_RULES: (_("No rules were in force"), ""),
    Replayed.ERASED: (_("The facts were erased"), ""),
    Replayed.UNREADABLE: (_("A fact of these rules is gone"), "desk-waiting"),
}


def cases_page(subject: str, kinds: Collection[RuleKind]) -> dict[str, Any]:
    """Return the content of an object's page of cases, newest first; some queries for each case."""
    return {"subject": subject, "cases": [_case(one) for one in list_cases(subject, [kind.name for kind in kinds])[:MOST]]}


def _case(case: RuleCase) -> dict[str, Any]:
    kind, replay = get_rule_kind(case.kind), replay_case(case=case)
    word, mark = RESULTS[replay.result]
    version = reverse("admin:controls_rules_version", args=[kind.name, case.version]) if case.version else ""
    return {
        "kind": kind.title,
        "at": case.at,
        "version": case.version,
        "link": version,
        "outcome": outcome_words(kind, kind.gravest_kept(case.findings)),
        "rules": [tell_kept(kept_rule(one, case.version, kind.name)) for one in replay.findings],
        "result": word,
        "mark": mark,
        "facts": _facts(kind, case),
    }


def _facts(kind: RuleKind, case: RuleCase) -> list[dict[str, str]]:
    wording = Wording(kind.terms.facts, currency=case.currency)
    found = []
    for fact in kind.facts:
        kept = case.facts.get(fact.name)
        if kept is None or kept == []:
            continue
        if fact.type in (FactType.TEXT, FactType.TEXTS):
            told = ", ".join(str(fact.choices.get(one, one)) for one in ([kept] if fact.type == FactType.TEXT else kept))
        else:
            told = wording.value(fact, value_of(fact, kept, exponent=exponent(case.currency)))
        unit = fact.unit_of(kept) if fact.type in (FactType.WHOLE, FactType.NUMBER) else ""
        title = str(fact.title)
        found.append({"title": title[:1].upper() + title[1:], "value": f"{told} {unit}".strip()})
    return found
