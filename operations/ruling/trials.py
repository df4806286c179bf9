"""A trial in words: what a version would have changed, in number and money, where, by which rule, and in which cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from controls.models import RuleTrial
from controls.rule_kinds import RuleKind, name_shown
from controls.rules.facts import Fact
from controls.rules.trials import REST, moves_between
from controls.states import TRIAL_OPEN, TrialStatus
from controls.telling import NameOf, OutcomeWords
from controls.warning import share_words, warnings_of
from core.errors import NotFound
from core.moments import amount_words, percent_words

CASES_SHOWN = 50
MOVES_SHOWN = 4
"""The most moves that are named for a value of a segment."""
ANY = f"{REST}>{REST}"
SEGMENTS = ("market", "brand", "merchant", "group", "month")
"""The segments, in display order; a segment that does not apply to any case, such as the shop of decisions, is left out."""


def facts_of(trial: RuleTrial, kind: RuleKind, name_of: NameOf, chosen: str = "") -> dict[str, Any]:
    """Return the content of a trial's page, as plain values; `chosen` is the move whose cases are shown, empty for all."""
    found, words = trial.found, OutcomeWords(kind)
    moves = [_move(words, *one) for one in found["moves"].items()]
    cases = [one for one in found["cases"] if not chosen or chosen in moves_between(one[1], one[2], kind.compared)]
    return {
        "trial": trial,
        "is_open": trial.status in TRIAL_OPEN,
        "is_failed": trial.status == TrialStatus.FAILED,
        "percent": percent_words(10_000 * trial.asked // trial.whole) if trial.whole else "",
        "share": share_words(found["after"] / found["asked"]) if found["asked"] else "",
        "share_before": share_words(found["before"] / found["asked"]) if found["asked"] else "",
        "warnings": warnings_of(trial, kind),
        "changed": sorted(moves, key=lambda one: -one["cases"]),
        "worth_title": kind.worth_title,
        "sums_title": kind.sums_title,
        "sums": _sums(found.get("sums", {})),
        "others": found["other"],
        "same": found["asked"] - found["other"],
        "segments": [
            _segment(words, name, values, name_of)
            for name in (*SEGMENTS, *kind.segment_facts)
            if any(values := found["segments"].get(name, {}))
        ],
        "rules": _rules(trial, found),
        "cases": [_case(kind, words, *one) for one in cases[:CASES_SHOWN]],
        "chosen": _words(words, chosen) if chosen else "",
        "more_cases": found["other"] > CASES_SHOWN and not chosen,
    }


def shops_in(trial: RuleTrial) -> list[str]:
    """Return the public ids of the shops in a trial's results."""
    return list(trial.found["segments"].get("merchant", {}))


def _money(amounts: Mapping[str, int]) -> str:
    return ", ".join(amount_words(minor, currency) for currency, minor in sorted(amounts.items()))


def _sums(sums: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """Return what outcomes set before and now, as `was` and `now`: how often it is more than nothing, and how much in all."""
    lines = [(one, amount_words(one[1], currency), amount_words(one[3], currency)) for currency, one in sorted(sums.items())]
    return {
        "was": ", ".join(f"{counts[0]} · {was}" for counts, was, _now in lines),
        "now": ", ".join(f"{counts[2]} · {now}" for counts, _was, now in lines),
    }


def _words(words: OutcomeWords, move: str) -> str:
    if move == ANY:
        return _("others")
    return " → ".join(words(end) for end in move.split(">"))


def _move(words: OutcomeWords, move: str, told: Mapping[str, Any]) -> dict[str, Any]:
    before, after = move.split(">")
    return {
        "move": move,
        "has_cases": move != ANY,
        "before": _words(words, move) if move == ANY else words(before),
        "after": "" if move == ANY else words(after),
        "cases": told["cases"],
        "amounts": _money(told["amounts"]),
        "losses": _money(told["losses"]),
        "worths": _money(told["worths"]),
    }


def _segment(words: OutcomeWords, name: str, values: Mapping[str, Mapping[str, Any]], name_of: NameOf) -> dict[str, Any]:
    titles = {"market": _("Market"), "brand": _("Brand"), "merchant": _("Shop"), "group": _("Customer group"), "month": _("Month")}
    fact = words.kind.terms.facts.get(name) if name not in SEGMENTS else None
    lines = []
    for value, told in values.items():
        moves = sorted(told["moves"].items(), key=lambda one: -one[1])
        lines.append(
            {
                "name": _named(name, value, fact, name_of),
                "cases": told["asked"],
                "before": told["before"],
                "after": told["after"],
                "others": told["other"],
                "moves": [{"words": _words(words, move), "cases": count} for move, count in moves[:MOVES_SHOWN]],
                "more": len(moves) > MOVES_SHOWN,
                "sums": _sums(told.get("sums", {})),
            }
        )
    order = (lambda line: line["name"]) if name == "month" else (lambda line: -line["cases"])
    return {"title": capfirst(str(fact.title)) if fact else titles[name], "lines": sorted(lines, key=order)}


def _named(name: str, value: str, fact: Fact | None, name_of: NameOf) -> str:
    """Return the name of a segment's value; `fact` is the one whose values they are, if the segment is no place."""
    if not value or value == REST:
        return _("others") if value else _("none")
    if fact:
        return str(fact.choices.get(value, value))
    return value if name == "month" else name_of(name, value)


def _rules(trial: RuleTrial, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = {rule.get("id"): name_shown(rule["name"]) for rule in trial.version.content.get("rules", [])}
    lines = [
        {
            "name": name,
            "cases": found["rules"].get(key, 0),
            "troubles": found["troubles"].get(key, 0),
            "always": 0 < found["asked"] == found["rules"].get(key, 0),
            "never": trial.status == TrialStatus.FINISHED and key not in found["rules"],
        }
        for key, name in names.items()
    ]
    return sorted(lines, key=lambda line: -line["cases"])


def _case(
    kind: RuleKind, words: OutcomeWords, subject: str, before: str, after: str, minor: int, currency: str, lost: int
) -> dict[str, Any]:
    return {
        "subject": subject,
        "link": link_of(kind, subject),
        "before": words(before),
        "after": words(after),
        "amount": amount_words(minor, currency),
        "lost": amount_words(lost, currency) if lost else "",
    }


def link_of(kind: RuleKind, subject: str) -> str:
    """Return the URL of a case's page; empty if it has none."""
    try:
        return kind.link(subject)
    except NotFound:
        return ""
