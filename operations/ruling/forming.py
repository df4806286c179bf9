"""Content of a rule's form: each row with its choices, the facts beside it, and the rule in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.models import RuleVersion
from controls.rule_kinds import RuleKind
from controls.rules.choices import BARE, MANY, OPERATORS, Operator
from controls.rules.facts import NUMERIC, Fact, FactType
from controls.telling import currency_in, tell_rule
from controls.wording import OPERATOR_TITLES, Wording
from core.formats import country_name
from core.sentences import translated
from operations.ruling.places import names_in, options
from operations.ruling.typed import PLACES, SPARE, Row, Typed, rule_of

TYPES: dict[FactType, Any] = {
    FactType.AMOUNT: gettext_lazy("an amount, in the market's currency"),
    FactType.NUMBER: gettext_lazy("a number with decimals"),
    FactType.SHARE: gettext_lazy("a share, from 0 to 1"),
    FactType.WHOLE: gettext_lazy("a whole number"),
    FactType.TEXT: gettext_lazy("a text"),
    FactType.YES: gettext_lazy("yes or no"),
    FactType.TEXTS: gettext_lazy("a list of texts"),
    FactType.MOMENT: gettext_lazy("a moment"),
}


def preview_of(kind: RuleKind, typed: Typed) -> dict[str, Any]:
    """Return the words of a typed rule, or the error of its condition and its place."""
    made = rule_of(kind, typed)
    typed.faults = {name: fault for name, fault in typed.faults.items() if name not in ("name", "reason", "form")}
    # While somebody types, name and reason may still be missing; the rest is put into words anyway.
    reasons = next(iter(kind.reasons))
    whole = made | {"name": made["name"] or "-"}
    if "then" in whole and whole["then"]["outcome"] and not whole["then"]["reason"]:
        whole["then"] = whole["then"] | {"reason": reasons}
    words = tell_rule(kind, whole, names_in([{"rules": [made]}])) if typed.is_sound else None
    return {"words": words, "fault": _fault(typed), "faults": typed.faults}


def _fault(typed: Typed) -> dict[str, Any] | None:
    """Return the error of the condition with its line, split at the place of the error."""
    if typed.at is None:
        return None
    told = {"text": translated(typed.at.sentence), "line": typed.at.line, "column": typed.at.column}
    lines = typed.when.split("\n")
    if typed.mode == "text" and typed.at.line <= len(lines):
        line, at = lines[typed.at.line - 1], typed.at.column - 1
        told |= {"before": line[:at], "rest": line[at : at + 1] or " ", "after": line[at + 1 :]}
    return told


def form_of(kind: RuleKind, version: RuleVersion, typed: Typed, *, key: str, posted: bool) -> dict[str, Any]:
    """Return the content of the page of a rule's form."""
    faults = dict(typed.faults)
    if posted:
        told = preview_of(kind, typed)
    else:
        told = preview_of(kind, typed) if key else {"words": None, "fault": None}
        for row in (*typed.tests, *typed.columns, *typed.rows, *typed.bands, *typed.steps):
            row.pop("fault", None)
    offered = options()
    return {
        "kind": kind,
        "version": version,
        "typed": typed,
        "key": key,
        "faults": faults if posted else {},
        "words": told["words"],
        "fault": told["fault"],
        "tests": [_test(kind, row) for row in typed.tests],
        "columns": [_test(kind, row) for row in typed.columns],
        "rows": [_row(kind, typed, row, number) for number, row in enumerate(typed.rows)],
        "bands": [_band(kind, row) for row in typed.bands],
        "steps": [
            _step(kind, row, number) for number, row in enumerate([*typed.steps, *({"at_least": "", "then": {}} for _n in range(SPARE))])
        ],
        "then": _then(kind, typed.then, "then"),
        "places": [
            {"name": name, "label": label, "options": _options(offered[name], typed.head.get(name, ""))}
            for name, label in zip(PLACES, (_("Brand"), _("Market"), _("Shop"), _("Customer group")), strict=True)
        ],
        "facts": [fact_line(fact) for fact in kind.facts],
        "known": [{"fact": fact.name, "values": list(fact.choices.items())} for fact in kind.facts if fact.choices],
        "currency": currency_in(typed.head.get("market", "")),
    }


def _options(offered: list[tuple[str, str]], chosen: str) -> list[dict[str, Any]]:
    known = [*offered, (chosen, chosen)] if chosen not in dict(offered) else offered
    return [{"value": value, "title": title, "chosen": value == chosen} for value, title in known]


def _facts(kind: RuleKind, chosen: str, *, numbers: bool = False) -> list[dict[str, Any]]:
    fitting = [fact for fact in kind.facts if (fact.type in NUMERIC if numbers else OPERATORS[fact.type])]
    return [
        {
            "value": fact.name,
            "title": fact.title,
            "chosen": fact.name == chosen,
            "fits": " ".join(OPERATORS[fact.type]),
            "known": bool(fact.choices),
            "type": "datetime-local" if fact.type == FactType.MOMENT else "text",
        }
        for fact in fitting
    ]


def _test(kind: RuleKind, row: Row) -> dict[str, Any]:
    fact = kind.terms.facts.get(row["fact"])
    fitting = OPERATORS[fact.type] if fact else tuple(Operator)
    chosen = row["operator"]
    return row | {
        "facts": _facts(kind, row["fact"]),
        "operators": [{"value": one, "title": OPERATOR_TITLES[one], "chosen": one == chosen, "fits": one in fitting} for one in Operator],
        "bare": chosen in BARE,
        "many": chosen in MANY,
        "unit": unit_of(fact) if fact else "",
        "known": fact.name if fact and fact.choices else "",
        "about": str(fact.title) if fact else "",
    }


def unit_of(fact: Fact) -> str:
    """Return the unit in which people type a fact's value."""
    return "%" if fact.type == FactType.SHARE else str(fact.unit)


def _row(kind: RuleKind, typed: Typed, row: Row, number: int) -> dict[str, Any]:
    cells = [{"text": text, "bare": column["operator"] in BARE} for text, column in zip(row["cells"], typed.columns, strict=True)]
    return {"cells": cells, "then": _then(kind, row["then"], f"row-{number}"), "fault": row.get("fault", "")}


def _then(kind: RuleKind, then: Row, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "outcomes": _options([("", "–"), *((name, str(one.title)) for name, one in kind.outcomes.items())], then.get("outcome", "")),
        "reasons": _options([("", "–"), *((name, str(title)) for name, title in kind.reasons.items())], then.get("reason", "")),
        "value": then.get("value", ""),
        "without_value": " ".join(name for name, one in kind.outcomes.items() if one.value is None),
        "has_value": any(one.value is not None for one in kind.outcomes.values()),
        "values": (values := _values(kind, then)),
        "known": [] if values else [(code, list(one.choices.items())) for code, one in kind.outcomes.items() if one.choices],
    }


def _values(kind: RuleKind, then: Row) -> list[dict[str, Any]]:
    """Return the values to choose from, by outcome; empty for a free value."""
    with_value = [one for one in kind.outcomes.values() if one.value is not None]
    if not with_value or any(one.value != FactType.TEXT for one in with_value) or not any(one.choices for one in with_value):
        return []
    chosen = then.get("value", "")
    return [
        {"title": one.title, "options": [{"value": code, "title": title, "chosen": code == chosen} for code, title in one.choices.items()]}
        for one in with_value
        if one.choices
    ]


def _band(kind: RuleKind, row: Row) -> dict[str, Any]:
    blank = [{"least": "", "points": ""}] * SPARE
    return {"facts": _facts(kind, row["fact"], numbers=True), "bounds": [*row["bounds"], *blank], "fault": row.get("fault", "")}


def _step(kind: RuleKind, row: Row, number: int) -> dict[str, Any]:
    return {"at_least": row["at_least"], "then": _then(kind, row["then"], f"step-then-{number}"), "fault": row.get("fault", "")}


def fact_line(fact: Fact) -> dict[str, Any]:
    """Return a fact for the list beside a condition."""
    wording = Wording({fact.name: fact})
    laws = [
        _("%(where)s: %(law)s") % {"where": country_name(market) if market != "*" else _("everywhere"), "law": law}
        for market, law in fact.forbidden.items()
    ]
    example = fact.example / 100 if fact.type == FactType.AMOUNT else fact.example
    shown = ", ".join(example) if isinstance(example, list) else wording.value(fact, example)
    return {
        "name": fact.name,
        "title": fact.title,
        "type": TYPES[fact.type],
        "unit": fact.unit,
        "meaning": fact.meaning,
        "example": shown,
        "laws": laws,
    }
