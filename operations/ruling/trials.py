"""A trial in words: what a version would have changed, in number and money, where, by which rule, and in which cases."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from controls.models import RuleTrial
from controls.rule_kinds import RuleKind, name_shown
from controls.rules.trials import MUCH, REST, share_after
from controls.states import TRIAL_OPEN, TrialStatus
from controls.telling import NameOf, outcome_words
from core.errors import NotFound
from core.moments import amount_words, percent_words

CASES_SHOWN = 50
SEGMENTS = ("market", "brand", "merchant", "month")
"""The segments, in display order; a segment that does not apply to any case, such as the shop of decisions, is left out."""


def warning_of(trial: RuleTrial) -> str:
    """Return a warning if a version would have affected many or all cases; else empty."""
    share = share_after(trial.found)
    if not trial.asked or share < MUCH:
        return ""
    if share >= 1:
        return _("Something would have followed for every case of these months. A rule that holds for everything tells nothing apart.")
    return _(
        "Something would have followed for %(share)s of all cases. Look at the rules that held most often before you propose this."
    ) % {"share": percent_words(round(share * 10_000))}


def facts_of(trial: RuleTrial, kind: RuleKind, name_of: NameOf) -> dict[str, Any]:
    """Return the content of a trial's page, as plain values."""
    found = trial.found
    moves = [_move(kind, *one) for one in found["moves"].items()]
    changed = [one for one in moves if one["changed"]]
    return {
        "trial": trial,
        "is_open": trial.status in TRIAL_OPEN,
        "is_failed": trial.status == TrialStatus.FAILED,
        "percent": percent_words(10_000 * trial.asked // trial.whole) if trial.whole else "",
        "share": percent_words(round(share_after(found) * 10_000)),
        "share_before": percent_words(_share_before(found)),
        "warning": warning_of(trial),
        "changed": sorted(changed, key=lambda one: -one["cases"]),
        "same": sum(one["cases"] for one in moves if not one["changed"]),
        "segments": [_segment(kind, name, values, name_of) for name in SEGMENTS if any(values := found["segments"].get(name, {}))],
        "rules": _rules(trial, found),
        "cases": [_case(kind, *one) for one in found["cases"][:CASES_SHOWN]],
        "more_cases": sum(one["cases"] for one in changed) > CASES_SHOWN,
    }


def shops_in(trial: RuleTrial) -> list[str]:
    """Return the public ids of the shops in a trial's results."""
    return list(trial.found["segments"].get("merchant", {}))


def _share_before(found: Mapping[str, Any]) -> int:
    whole = sum(one["cases"] for one in found["moves"].values())
    some = sum(one["cases"] for move, one in found["moves"].items() if move.partition(">")[0])
    return round(10_000 * some / whole) if whole else 0


def _money(amounts: Mapping[str, int]) -> str:
    return ", ".join(amount_words(minor, currency) for currency, minor in sorted(amounts.items()))


def _move(kind: RuleKind, move: str, told: Mapping[str, Any]) -> dict[str, Any]:
    before, _sep, after = move.partition(">")
    return {
        "before": outcome_words(kind, before),
        "after": outcome_words(kind, after),
        "changed": before != after,
        "cases": told["cases"],
        "amounts": _money(told["amounts"]),
        "losses": _money(told["losses"]),
    }


def _segment(kind: RuleKind, name: str, values: Mapping[str, Mapping[str, int]], name_of: NameOf) -> dict[str, Any]:
    titles = {"market": _("Market"), "brand": _("Brand"), "merchant": _("Shop"), "month": _("Month")}
    lines = []
    for value, moves in values.items():
        ends = [(move.partition(">"), count) for move, count in moves.items()]
        lines.append(
            {
                "name": _("others") if value == REST else value if name == "month" else name_of(name, value),
                "cases": sum(moves.values()),
                "before": sum(count for (before, _sep, _after), count in ends if before),
                "after": sum(count for (_before, _sep, after), count in ends if after),
            }
        )
    order = (lambda line: line["name"]) if name == "month" else (lambda line: -line["cases"])
    return {"title": titles[name], "lines": sorted(lines, key=order)}


def _rules(trial: RuleTrial, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = {rule.get("id"): name_shown(rule["name"]) for rule in trial.version.content.get("rules", [])}
    lines = [{"name": name, "cases": found["rules"].get(key, 0), "troubles": found["troubles"].get(key, 0)} for key, name in names.items()]
    return sorted(lines, key=lambda line: -line["cases"])


def _case(kind: RuleKind, subject: str, before: str, after: str, minor: int, currency: str, lost: int) -> dict[str, Any]:
    return {
        "subject": subject,
        "link": link_of(kind, subject),
        "before": outcome_words(kind, before),
        "after": outcome_words(kind, after),
        "amount": amount_words(minor, currency),
        "lost": amount_words(lost, currency) if lost else "",
    }


def link_of(kind: RuleKind, subject: str) -> str:
    """Return the URL of a case's page; empty if it has none."""
    try:
        return kind.link(subject)
    except NotFound:
        return ""
