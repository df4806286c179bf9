"""Every state is declared once: its column, its transitions and the triggers that guard it come from one machine."""

import ast
import re
from importlib import import_module

import pytest
from django.apps import apps
from django_fsm import FSMFieldMixin

from core.admin import TONES
from core.states import Machine
from credit.models import Decision
from payments.gateways.base import Status, Verdict
from payments.states import DisputeStatus, MovementStatus
from tests.house.sources import app_modules, called, modules, walk

STATES = [(model, field) for model in apps.get_models() for field in model._meta.concrete_fields if isinstance(field, FSMFieldMixin)]


def machines(app: str) -> dict[str, Machine]:
    return {name: value for name, value in vars(import_module(f"{app}.states")).items() if isinstance(value, Machine)}


def guard(trigger) -> tuple[str, str, str, str]:
    return trigger.name, str(trigger.operation), trigger.condition.sql, trigger.func


@pytest.mark.parametrize(("model", "field"), STATES, ids=str)
def test_every_state_comes_from_a_machine_and_is_guarded_by_it(model, field):
    triggers = {guard(trigger) for trigger in getattr(model._meta, "triggers", ()) if trigger.name.startswith(f"{field.name}_")}
    (machine,) = (found for found in machines(model._meta.app_label).values() if {guard(made) for made in found.triggers()} == triggers)
    methods = {(made.name, made.source, made.target) for made in field.get_all_transitions(model)}
    assert methods == {(name, source, target) for name, (sources, target) in machine.transitions.items() for source in sources}
    assert (field.name, field.default, field.protected) == (machine.column, machine.initial[0], True)


def test_every_transition_leads_between_known_states():
    for app in {model._meta.app_label for model, _ in STATES}:
        for name, machine in machines(app).items():
            used = {state for sources, target in machine.transitions.values() for state in (*sources, target)} | set(machine.initial)
            assert used <= set(machine.states), name
            assert machine.states.__doc__, name


def test_states_are_made_by_machines_only():
    made = re.compile(r"FSM\w*Field$|(^|\.)transition$")
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for node in walk(tree)
        if path.as_posix() != "core/states.py" and isinstance(node, ast.ImportFrom) and node.module == "django_fsm"
        for alias in node.names
        if made.search(alias.name)
    ]
    assert found == []


def asks_gateways(path) -> bool:
    """Return whether a module speaks to a gateway, whose words are its own."""
    return "gateways" in path.parts[:-1]


VALUES = {str(state) for model, _ in STATES for machine in machines(model._meta.app_label).values() for state in machine.states}
COLUMN = re.compile(r"(^|__)(" + "|".join(sorted({field.name for _, field in STATES})) + r")(__in)?$")
# What rules are told are words of their own, also where they sound like a state.
SAID = {"inputs"}
ANSWERS = {"Outcome", "Reported", "ReportedCharge", "ReportedDispute"}
"""What a gateway answers; its status is one of a closed set of the contract."""


def test_tones_are_those_of_states_that_exist():
    outcomes = {value for value, _ in Decision._meta.get_field("outcome").choices}
    assert TONES.keys() - VALUES - outcomes == set()


def literals(node: ast.AST) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple | ast.Set | ast.List) else [node]
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def name_of(node: ast.AST) -> str:
    """Return the name of a variable, an attribute or a key in a mapping; empty for anything else."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def owner_of(node: ast.AST) -> str:
    """Return the name of what an attribute or a key is read from; empty for a variable."""
    return "" if isinstance(node, ast.Name) else ast.unparse(node.value).split(".")[-1]


def is_told(node: ast.AST) -> bool:
    """Return whether a node is the state that an event tells as its outcome."""
    return name_of(node) == "outcome" and owner_of(node) == "event"


def words_beside(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node that stand for a state's column, where the node compares it, looks it up or sets it."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        return sides if any((COLUMN.match(name_of(side)) or is_told(side)) and owner_of(side) not in SAID for side in sides) else []
    if isinstance(node, ast.Match) and COLUMN.match(name_of(node.subject)):
        return [part.value for case in node.cases for part in walk(case.pattern) if isinstance(part, ast.MatchValue)]
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict) and COLUMN.match(name_of(node.slice)):
        return [key for key in node.value.keys if key is not None]
    if isinstance(node, ast.Assign) and any(isinstance(one, ast.Attribute) and COLUMN.match(one.attr) for one in node.targets):
        return [node.value]
    if isinstance(node, ast.keyword) and COLUMN.search(node.arg or ""):
        return [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
    if isinstance(node, ast.Dict):
        return [
            value
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and COLUMN.search(str(key.value))
        ]
    if isinstance(node, ast.Call) and called(node) == "setattr" and literals(node.args[1]) and COLUMN.match(literals(node.args[1]).pop()):
        return node.args[2:]
    return node.args[:1] if isinstance(node, ast.Call) and called(node) in ANSWERS else []


def states_written_in(tree: ast.Module):
    """Yield where a state's column is compared with words, or asked for, looked up or set by them."""
    yield from ((part.lineno, word) for node in walk(tree) for part in words_beside(node) for word in literals(part))


def test_no_state_is_written_as_a_word():
    found = [
        f"{path}:{line} {word}"
        for path, tree in app_modules()
        if not asks_gateways(path) and path.parts[0] != "sandbox"
        for line, word in states_written_in(tree)
        if word in VALUES
    ]
    assert found == []


def test_words_of_gateways_are_a_closed_set_and_those_of_movements():
    assert {str(one) for one in Status} <= {str(one) for one in MovementStatus}
    assert [str(one) for one in Verdict] == [str(one) for one in DisputeStatus]


@pytest.mark.parametrize(
    "written",
    [
        'if outcome.status == "failed": pass',
        'if status != "won": pass',
        'x = Outcome("succeeded", ref)',
        'if row["status"] in ("open",): pass',
        'match row.status:\n    case "open" | "closed": pass',
        'row.status = "open"',
        'if event.outcome == "lost": pass',
        'setattr(row, "status", "open")',
        'x = {"open": 1}[row.status]',
        'rows.filter(**{"plan__status__in": ["open"]})',
    ],
)
def test_a_state_that_is_written_as_a_word_is_found(written):
    assert list(states_written_in(ast.parse(written)))


SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|WHERE|PERFORM|CASE WHEN)\b")
NAMES = "|".join(sorted({field.name for _, field in STATES}))
PART_OF_SQL = re.compile(rf"\bCASE (?:\w+\.)?(?:{NAMES}) WHEN|\b(?:{NAMES})\s*(?:=|<>|!=|(?:NOT )?IN)\s*\(?\s*'\w", re.IGNORECASE)
"""Conditions that are put into statements elsewhere."""
KINDS = re.compile(r"CASE (?:\w+\.)?kind\b.*?\bEND\b|\bkind\s*(?:=|<>|(?:NOT )?IN)\s*\(?(?:'\w+',?\s*)+", re.DOTALL)
"""Words that name the kind of a row, such as the turns of a movement, are no states, also where they sound like one."""


def states_written_in_sql(tree: ast.Module):
    """Yield the words in every statement of SQL and in every part of one that asks for a state."""
    for node in walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (SQL.search(node.value) or PART_OF_SQL.search(node.value)):
            yield from ((node.lineno, word) for word in re.findall(r"'(\w+)'", KINDS.sub("", node.value)))


def test_no_state_is_written_as_a_word_in_sql():
    found = [
        f"{path}:{line} {word}"
        for path, tree in app_modules()
        if not asks_gateways(path) and path.parts[0] != "sandbox"
        for line, word in states_written_in_sql(tree)
        if word in VALUES
    ]
    assert found == []


@pytest.mark.parametrize(
    "written",
    [
        "select 1 from x where status = 'open'",
        "CASE x.status WHEN 'open' THEN 1 END",
        "AND status IN ('open', 'closed')",
        "DELETE FROM x USING y ON y.status <> 'open'",
    ],
)
def test_a_state_that_is_written_as_a_word_in_sql_is_found(written):
    assert ("open" in {word for _, word in states_written_in_sql(ast.parse(f'x = "{written}"'))}) is True
