"""A rule as typed into its form: all values as texts, with an error for each, and the rule's JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from controls.rule_kinds import RuleKind, language_of, name_kept, name_shown
from controls.rules.cel import Fault
from controls.rules.choices import BARE, OPERATORS, Choice, Operator, read_choices, write_choices
from controls.rules.facts import NUMERIC, Fact, FactType
from controls.rules.reading import PRIORITY, Faults, read_set
from core.ids import uuid7
from core.sentences import translated
from operations.ruling.places import is_known
from operations.ruling.values import read_value, write_value

PLACES = ("brand", "market", "merchant", "group")
MOST = 100
"""The most tests, rows, columns or bounds that are read from one form."""
SPARE = 2
"""The number of empty bounds and steps offered after the filled ones."""
Row = dict[str, Any]


@dataclass
class Typed:
    """The values of a rule's form. Rows are dictionaries of texts; `fault` is the error of a row, `faults` has all other errors."""

    form: str = "rule"
    head: Row = field(default_factory=dict)
    mode: str = "choices"
    joined: str = "and"
    when: str = ""
    tests: list[Row] = field(default_factory=list)
    then: Row = field(default_factory=dict)
    columns: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    bands: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    at: Fault | None = None
    """The error of the condition, with its place in the text."""

    @property
    def is_sound(self) -> bool:
        """Whether there are no errors."""
        rows = [*self.tests, *self.columns, *self.rows, *self.bands, *self.steps]
        return not self.faults and not any(row.get("fault") for row in rows)


def blank(kind: RuleKind, form: str) -> Typed:
    """Return an empty form of a rule, a table or points."""
    then = _no_then(kind)
    typed = Typed(form=form, head={"priority": str(PRIORITY)}, then=then)
    typed.tests = [_no_test()]
    typed.columns = [_no_test()]
    typed.rows = [{"cells": [""], "then": dict(then)}]
    typed.bands = [{"fact": "", "bounds": []}]
    return typed


def _no_test() -> Row:
    return {"fact": "", "operator": "", "value": ""}


def _no_then(kind: RuleKind) -> Row:
    only = len(kind.outcomes) == 1
    return {"outcome": next(iter(kind.outcomes)) if only else "", "reason": "", "value": ""}


def typed_of(kind: RuleKind, kept: Mapping[str, Any]) -> Typed:
    """Return a saved rule as values of its form."""
    typed = blank(kind, str(kept.get("form", "rule")))
    typed.head = {name: str(kept.get(name) or "") for name in ("priority", "starts_on", "ends_on")}
    typed.head["name"] = name_shown(str(kept.get("name") or ""))
    typed.head |= {name: str((kept.get("scope") or {}).get(name, "")) for name in PLACES}
    if typed.form == "rule":
        typed.when = str(kept.get("when", ""))
        typed.then = _written_then(kind, kept.get("then") or {})
        as_choices(kind, typed)
    elif typed.form == "table":
        typed.columns = [{"fact": one["fact"], "operator": one["operator"], "value": ""} for one in kept["columns"]]
        typed.rows = [_written_row(kind, typed.columns, row) for row in kept["rows"]]
    else:
        typed.bands = [_written_band(kind, one) for one in kept["bands"]]
        typed.steps = [{"at_least": str(one["at_least"]), "then": _written_then(kind, one["then"])} for one in kept["steps"]]
    return typed


def _written_then(kind: RuleKind, then: Mapping[str, Any]) -> Row:
    outcome = str(then.get("outcome", ""))
    value = write_value(then.get("value"), kind.value_fact(outcome)) if outcome in kind.outcomes else ""
    return {"outcome": outcome, "reason": str(then.get("reason", "")), "value": value}


def _written_row(kind: RuleKind, columns: list[Row], row: Mapping[str, Any]) -> Row:
    facts = kind.terms.facts
    cells = [
        "1" if value is True else write_value(value, facts[column["fact"]]) for column, value in zip(columns, row["cells"], strict=True)
    ]
    return {"cells": cells, "then": _written_then(kind, row["then"])}


def _written_band(kind: RuleKind, band: Mapping[str, Any]) -> Row:
    fact = kind.terms.facts[band["fact"]]
    return {"fact": fact.name, "bounds": [{"least": write_value(least, fact), "points": str(points)} for least, points in band["bounds"]]}


def as_choices(kind: RuleKind, typed: Typed) -> bool:
    """Convert a condition to drop-downs; if they cannot express it or it has an error, leave it as text and return False."""
    typed.mode = "text"
    try:
        found = read_choices(language_of(kind.name).compile(typed.when).tree, kind.terms.facts)
    except Fault:
        return False
    if found is None:
        return False
    typed.mode, (typed.joined, choices) = "choices", found
    facts = kind.terms.facts
    typed.tests = [{"fact": one.fact, "operator": str(one.operator), "value": write_value(one.value, facts[one.fact])} for one in choices]
    return True


def read_post(kind: RuleKind, form: str, post: QueryDict) -> Typed:
    """Return the submitted values of a form."""
    read: Callable[[str], str] = lambda name: post.get(name, "").strip()  # noqa: E731
    typed = Typed(form=form, head={name: read(name) for name in ("name", "priority", "starts_on", "ends_on", *PLACES)})
    typed.mode = "text" if post.get("mode") == "text" else "choices"
    typed.joined = "or" if post.get("joined") == "or" else "and"
    typed.when = post.get("when", "").replace("\r\n", "\n")
    typed.then = _read_then(post, "then")
    typed.tests = [_read_test(read, "test", number) for number in _numbers(post, "test-fact")]
    typed.columns = [_read_test(read, "column", number) for number in _numbers(post, "column-fact")]
    columns = range(len(typed.columns))
    typed.rows = [
        {"cells": [read(f"cell-{number}-{column}") for column in columns], "then": _read_then(post, f"row-{number}")}
        for number in _numbers(post, "row")
    ]
    typed.bands = [{"fact": read(f"band-fact-{number}"), "bounds": _read_bounds(post, number)} for number in _numbers(post, "band-fact")]
    steps = [{"at_least": read(f"step-{number}"), "then": _read_then(post, f"step-then-{number}")} for number in _numbers(post, "step")]
    typed.steps = [step for step in steps if step["at_least"]]
    return typed


def _numbers(post: QueryDict, name: str) -> list[int]:
    return [number for number in range(MOST) if f"{name}-{number}" in post]


def _read_test(read: Callable[[str], str], name: str, number: int) -> Row:
    return {"fact": read(f"{name}-fact-{number}"), "operator": read(f"{name}-operator-{number}"), "value": read(f"{name}-value-{number}")}


def _read_then(post: QueryDict, name: str) -> Row:
    return {one: post.get(f"{name}-{one}", "").strip() for one in ("outcome", "reason", "value")}


def _read_bounds(post: QueryDict, band: int) -> list[Row]:
    found = [
        {"least": post.get(f"least-{band}-{number}", "").strip(), "points": post.get(f"points-{band}-{number}", "").strip()}
        for number in _numbers(post, f"least-{band}")
    ]
    return [one for one in found if one["least"] or one["points"]]


def press(kind: RuleKind, typed: Typed, button: str) -> str:
    """Carry out a button of the form: add or remove a row, or switch between drop-downs and text; return a message, if any."""
    what, _sep, rest = button.partition("-")
    name, _sep, number = rest.partition("-")
    if what == "add":
        _add(kind, typed, name)
    elif what == "drop" and number.isdecimal():
        _drop(typed, name, int(number))
    elif button == "as-text":
        typed.when, typed.mode = _when_of(kind, typed), "text"
    elif button == "as-choices" and not as_choices(kind, typed):
        return _("Drop-downs cannot show this condition. They show tests of one fact each, joined by “and” or by “or”.")
    return ""


def _add(kind: RuleKind, typed: Typed, name: str) -> None:
    if name == "test":
        typed.tests.append(_no_test())
    elif name == "column":
        typed.columns.append(_no_test())
        for row in typed.rows:
            row["cells"].append("")
    elif name == "row":
        typed.rows.append({"cells": [""] * len(typed.columns), "then": dict(typed.rows[-1]["then"]) if typed.rows else _no_then(kind)})
    elif name == "band":
        typed.bands.append({"fact": "", "bounds": []})


def _drop(typed: Typed, name: str, number: int) -> None:
    listed: list[Row] = {"test": typed.tests, "column": typed.columns, "row": typed.rows, "band": typed.bands}.get(name, [])
    if number < len(listed):
        del listed[number]
        if name == "column":
            for row in typed.rows:
                del row["cells"][number]


def _when_of(kind: RuleKind, typed: Typed) -> str:
    """Return the drop-downs as text; tests that cannot be read are left out and get their error."""
    facts, choices = kind.terms.facts, []
    for test in typed.tests:
        fact = facts.get(test["fact"])
        if fact is None:
            test["fault"] = _("Choose a fact.")
            continue
        try:
            operator = Operator(test["operator"])
            if operator not in OPERATORS[fact.type]:
                raise ValueError(operator)
        except ValueError:
            test["fault"] = _("Choose how “%(fact)s” is compared.") % {"fact": fact.title}
            continue
        try:
            value = read_value(test["value"], fact, operator)
        except ValueError:
            test["fault"] = value_fault(fact)
            continue
        choices.append(Choice(fact.name, operator, tuple(value) if isinstance(value, list) else value))
    return write_choices(choices, "or" if typed.joined == "or" else "and", facts)


def value_fault(fact: Fact) -> str:
    """Say what kind of value a fact is compared with."""
    if fact.type in NUMERIC:
        example = write_value({FactType.WHOLE: 3, FactType.SHARE: 0.25}.get(fact.type, 57.25), fact)
        return _("Enter a number, such as %(example)s.") % {"example": example}
    return _("Enter a value.")


def rule_of(kind: RuleKind, typed: Typed, key: str = "") -> dict[str, Any]:
    """Return the JSON of a rule; errors are written into the form (`Typed.is_sound`)."""
    head = typed.head
    made: dict[str, Any] = {"id": key or uuid7().hex, "name": name_kept(head["name"]), "form": typed.form}
    made["priority"] = int(head["priority"]) if head["priority"].isascii() and head["priority"].isdigit() else head["priority"]
    made["scope"] = {name: head[name] for name in PLACES if head.get(name)}
    made |= {name: head[name] for name in ("starts_on", "ends_on") if head[name]}
    if typed.form == "rule":
        made["when"] = _when_of(kind, typed) if typed.mode == "choices" else typed.when
        made["then"] = _made_then(kind, typed.then)
    elif typed.form == "table":
        made["columns"] = [{"fact": one["fact"], "operator": one["operator"]} for one in typed.columns]
        made["rows"] = [_made_row(kind, typed.columns, row) for row in typed.rows]
    else:
        made["bands"] = [_made_band(kind, band) for band in typed.bands]
        made["steps"] = [_made_step(kind, step) for step in typed.steps]
    _note_faults(kind, typed, made)
    if not all(is_known(name, code) for name, code in made["scope"].items()):
        typed.faults["scope"] = _("Choose a brand, a market, a shop or a group that exists.")
    return made


def _made_then(kind: RuleKind, then: Row) -> Row:
    outcome = kind.outcomes.get(then["outcome"])
    made = {"outcome": then["outcome"], "reason": then["reason"]}
    if outcome is not None and outcome.value is not None:
        fact = kind.value_fact(then["outcome"])
        try:
            made["value"] = read_value(then["value"], fact)
        except ValueError:
            then["fault"] = value_fault(fact)
    return made


def _made_row(kind: RuleKind, columns: list[Row], row: Row) -> Row:
    return {"cells": [_made_cell(kind, column, row, text) for column, text in zip(columns, row["cells"], strict=True)]} | {
        "then": _made_then(kind, row["then"])
    }


def _made_cell(kind: RuleKind, column: Row, row: Row, text: str) -> Any:
    fact = kind.terms.facts.get(column["fact"])
    if not text or fact is None or column["operator"] not in OPERATORS[fact.type]:
        return None
    if column["operator"] in BARE:
        return True
    try:
        return read_value(text, fact, Operator(column["operator"]))
    except ValueError:
        row["fault"] = f"{fact.title}: {value_fault(fact)}"
        return None


def _made_band(kind: RuleKind, band: Row) -> Row:
    fact = kind.terms.facts.get(band["fact"])
    bounds: list[Any] = []
    for bound in band["bounds"]:
        try:
            bounds.append([read_value(bound["least"], fact), int(bound["points"])] if fact else None)
        except ValueError:
            band["fault"] = _("Write each lowest value with its whole number of points.")
    return {"fact": band["fact"], "bounds": bounds}


def _made_step(kind: RuleKind, step: Row) -> Row:
    try:
        least: Any = int(step["at_least"])
    except ValueError:
        least = step["at_least"]
    return {"at_least": least, "then": _made_then(kind, step["then"])}


def _note_faults(kind: RuleKind, typed: Typed, made: Mapping[str, Any]) -> None:
    try:
        read_set({"rules": [made]}, kind.terms, language_of(kind.name))
    except Faults as faults:
        for place, fault in faults.by_place.items():
            _note(typed, place.removeprefix("rules.0").removeprefix("."), fault)
    if any(test.get("fault") for test in typed.tests) and typed.form == "rule" and typed.mode == "choices":
        typed.faults.pop("when", None)
        typed.at = None
    if typed.then.get("fault"):
        typed.faults.setdefault("value", typed.then["fault"])


def _note(typed: Typed, place: str, fault: Fault) -> None:
    """Write an error at its row of a list, else under the name of its field."""
    told = translated(fault.sentence)
    name, _sep, rest = place.partition(".")
    number = rest.partition(".")[0]
    listed: list[Row] = {"columns": typed.columns, "rows": typed.rows, "bands": typed.bands, "steps": typed.steps}.get(name, [])
    if number.isdecimal() and int(number) < len(listed):
        listed[int(number)].setdefault("fault", told)
        return
    if name == "when":
        typed.at = fault
    typed.faults.setdefault(name or "form", told)
