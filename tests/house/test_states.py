"""Every state is declared once: its column, its transitions and the triggers that guard it come from one machine."""

import ast
import re
from importlib import import_module

import pytest
from django.apps import apps
from django_fsm import FSMFieldMixin

from core.states import Machine
from tests.house.sources import modules

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
        for node in ast.walk(tree)
        if path.as_posix() != "core/states.py" and isinstance(node, ast.ImportFrom) and node.module == "django_fsm"
        for alias in node.names
        if made.search(alias.name)
    ]
    assert found == []
