"""Everything that is told is in the choreography, everything that hears or ticks exists and has the right form."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest
from django.utils.module_loading import import_string

from bnpl.subscriptions import SUBSCRIPTIONS
from bnpl.timers import CLOCK_FOLLOWERS, TIMERS
from core.outbox import Event, Subscription
from tests.house.sources import RANK, ROOT, room

PLAIN = {str, int, bool, list[str], list[int]}
PERSONAL = {"email", "phone", "name", "address", "birth_date", "destination", "token", "card"}


def every_event() -> Iterator[type[Event]]:
    """Yield every class of an event in the apps."""
    import importlib

    for path, _ in room("events"):
        module = importlib.import_module(".".join(path.with_suffix("").parts))
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Event) and value.__module__ == module.__name__ and value.__name__[0] != "_":
                yield value


EVENTS = sorted(set(every_event()), key=lambda event: event.NAME)
HEARD = [(event, subscription) for event, heard in SUBSCRIPTIONS.items() for subscription in heard]


def test_every_event_is_in_the_choreography():
    assert {event.__name__ for event in EVENTS} == {event.__name__ for event in SUBSCRIPTIONS}
    assert len({event.NAME for event in EVENTS}) == len(EVENTS) > 15


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.NAME)
def test_events_are_plain_facts(event):
    app, _, fact = event.NAME.partition(".")
    assert app == event.__module__.partition(".")[0]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", fact), "an event is named by what happened, as `order_captured`"
    assert fact.endswith(("ed", "made", "paid", "overdue", "upcoming", "expiring", "held"))
    hints = get_type_hints(event)
    for field in fields(event):
        assert hints[field.name] in PLAIN, f"{event.NAME}.{field.name}"
        assert field.name not in PERSONAL, "personal data never enters events"


@pytest.mark.parametrize(("event", "subscription"), HEARD, ids=lambda value: getattr(value, "NAME", None) or value.handler)
def test_every_handler_hears_what_it_is_told(event: type[Event], subscription: Subscription):
    handler = import_string(subscription.handler)
    app, room_name, _ = subscription.handler.split(".")
    assert (app in RANK, room_name, subscription.when in {"now", "later"}) == (True, "handlers", True)
    parameters = list(inspect.signature(handler).parameters.values())
    assert [parameter.name for parameter in parameters][1:] == ["at"]
    assert parameters[1].kind is inspect.Parameter.KEYWORD_ONLY
    hints = get_type_hints(handler)
    assert (hints["at"], hints["return"]) == (datetime, type(None))
    told = hints[parameters[0].name]
    accepted = get_args(told) if get_origin(told) in {Union, UnionType} else (told,)
    assert any(issubclass(event, kind) for kind in accepted), f"{subscription.handler} takes {told}"


def test_handlers_listen_downwards():
    """Who hears an event may import it: an app listens to what is told below it, or in itself."""
    wrong = [(e.NAME, s.handler) for e, s in HEARD if RANK[s.handler.partition(".")[0]] > RANK[e.NAME.partition(".")[0]]]
    assert wrong == []


def test_no_handler_hears_nothing():
    wired = {subscription.handler for _, subscription in HEARD}
    defined = {
        f"{path.parts[0]}.handlers.{node.name}"
        for path, tree in room("handlers")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    assert defined - wired == set()


@pytest.mark.parametrize("path", [timer.service for timer in TIMERS])
def test_every_timer_is_told_the_time_and_says_how_much_it_did(path):
    timer = import_string(path)
    parameters = list(inspect.signature(timer).parameters.values())
    assert [(parameter.name, parameter.kind) for parameter in parameters] == [("at", inspect.Parameter.KEYWORD_ONLY)]
    hints = get_type_hints(timer)
    assert (hints["at"], hints["return"]) == (datetime, int)
    assert "timer" in (inspect.getdoc(timer) or "")


def test_every_timer_is_listed_once():
    assert len({timer.service for timer in TIMERS}) == len(TIMERS)
    said = {
        node.name
        for path, tree in room("services")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and re.search(r"; a timer\.|\bA timer\.", ast.get_docstring(node) or "")
    }
    assert said - {timer.service.rpartition(".")[2] for timer in TIMERS} == set()


@pytest.mark.parametrize("path", CLOCK_FOLLOWERS)
def test_followers_of_the_clock_are_told_the_offset(path):
    assert list(inspect.signature(import_string(path)).parameters) == ["offset"]


def test_tasks_have_no_results_and_take_plain_values():
    for path, tree in room("tasks"):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                text = ast.unparse(node.decorator_list[0])
                assert "ignore_result=True" in text, f"{path} {node.name}"
                assert all(ast.unparse(argument.annotation) in {"str", "int", "list[int]", "list[str]"} for argument in node.args.args)


def test_celery_never_carries_a_due_date():
    """Due dates are rows; a task with an `eta` or a `countdown` would be lost or loop."""
    carried = re.compile(r"\b(eta|countdown)\s*=")
    assert [
        str(path)
        for name in ("tasks", "handlers", "services", "relay")
        for path, _ in room(name)
        if carried.search((ROOT / path).read_text())
    ] == []
