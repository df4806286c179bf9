from datetime import date

import pytest

from controls.rules.reading import Faults, read_set
from controls.rules.sets import Place, Then, Trouble, failed_examples
from tests.controls.rules.vocabulary import KEPT, LANGUAGE, PLACE, TERMS, rule

HOLD, BLOCK = {"outcome": "hold", "reason": "odd"}, {"outcome": "block", "reason": "resold"}


def made(*rules, examples=()):
    return read_set({"rules": list(rules), "examples": list(examples)}, TERMS, LANGUAGE)


def found(*rules, place=PLACE, **kept):
    return [(one.rule, one.then.outcome, one.row) for one in made(*rules).ask(KEPT | kept, place, exponent=2).findings]


def faults(*rules, **more):
    with pytest.raises(Faults) as caught:
        read_set({"rules": list(rules)} | more, TERMS, LANGUAGE)
    return {place: fault.code for place, fault in caught.value.by_place.items()}


def test_rules_are_asked_in_the_order_of_their_priority():
    rules = rule(id="a"), rule(id="b", priority=1), rule("pieces > 99", id="c", priority=1), rule("amount > 50", id="d", then=BLOCK)
    assert found(*rules) == [("b", "hold", 0), ("a", "hold", 0), ("d", "block", 0)]


@pytest.mark.parametrize(
    ("limits", "counts"),
    [
        ({"scope": {}}, True),
        ({"scope": {"market": "DK", "brand": "kvart", "merchant": "mer_1", "group": "loyal"}}, True),
        ({"scope": {"market": "SE"}}, False),
        ({"scope": {"brand": "other"}}, False),
        ({"scope": {"merchant": "mer_2"}}, False),
        ({"scope": {"group": "new"}}, False),
        ({"starts_on": "2026-11-27", "ends_on": "2026-11-27"}, True),
        ({"starts_on": "2026-11-28"}, False),
        ({"ends_on": "2026-11-26"}, False),
    ],
)
def test_a_rule_counts_in_its_scope_and_on_its_days(limits, counts):
    assert bool(found(rule(**limits))) == counts


TABLE = {
    "id": "t",
    "name": "Goods",
    "form": "table",
    "scope": {"market": "DK"},
    "columns": [
        {"fact": "amount", "operator": "at_least"},
        {"fact": "country", "operator": "one_of"},
        {"fact": "returning", "operator": "yes"},
    ],
    "rows": [
        {"cells": [100, ["DK"], None], "then": BLOCK},
        {"cells": [50.5, ["DK", "SE"], None], "then": HOLD},
        {"cells": [None, None, True], "then": BLOCK},
        {"cells": [None, None, None], "then": HOLD},
    ],
}


def test_the_first_row_of_a_table_that_fits_counts():
    assert found(TABLE) == [("t", "hold", 1)]
    assert found(TABLE, amount=10_000) == [("t", "block", 0)]
    assert found(TABLE, amount=5_049, returning=True) == [("t", "block", 2)]
    assert found(TABLE, amount=1) == [("t", "hold", 3)]


POINTS = {
    "id": "p",
    "name": "Risk",
    "form": "points",
    "scope": {"market": "DK"},
    "bands": [{"fact": "amount", "bounds": [[0, 0], [50, 10], [100.5, 20]]}, {"fact": "pieces", "bounds": [[1, 1], [3, 5]]}],
    "steps": [{"at_least": 20, "then": BLOCK}, {"at_least": 10, "then": HOLD}],
}


def test_points_are_added_and_the_highest_step_counts():
    assert found(POINTS) == [("p", "hold", 15)]
    assert found(POINTS, amount=10_050) == [("p", "block", 25)]
    assert found(POINTS, amount=100) == []
    assert found(POINTS, pieces=0) == [("p", "hold", 10)]


def test_what_cannot_be_answered_is_told_once():
    answer = made(rule(), POINTS).ask(KEPT | {"pieces": None}, PLACE, exponent=2)
    assert [one.rule for one in answer.findings] == ["p"]
    assert answer.troubles == (Trouble("r1", "unknown", "pieces"), Trouble("p", "unknown", "pieces"))


def test_a_finding_says_what_follows():
    (finding,) = made(rule(then={"outcome": "limit", "reason": "odd", "value": 0.5})).ask(KEPT, PLACE, exponent=2).findings
    assert (finding.name, finding.then) == ("Many pieces", Then("limit", "odd", 0.5))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"when": "pieces >"}, {"rules.0.when": "syntax"}),
        ({"when": None}, {"rules.0.when": "empty"}),
        ({"when": 7}, {"rules.0.when": "empty"}),
        ({"id": ""}, {"rules.0.id": "name"}),
        ({"name": "x" * 121}, {"rules.0.name": "name"}),
        ({"priority": 0}, {"rules.0.priority": "priority"}),
        ({"priority": True}, {"rules.0.priority": "priority"}),
        ({"then": {"outcome": "jump", "reason": "odd"}}, {"rules.0.then": "outcome"}),
        ({"then": {"outcome": "hold", "reason": "no"}}, {"rules.0.reason": "reason"}),
        ({"then": {"outcome": "hold", "reason": "odd", "value": 3}}, {"rules.0.value": "value"}),
        ({"then": {"outcome": "limit", "reason": "odd"}}, {"rules.0.value": "value"}),
        ({"then": {"outcome": "limit", "reason": "odd", "value": "much"}}, {"rules.0.value": "value"}),
        ({"then": {"outcome": "list", "reason": "odd", "value": "c"}}, {"rules.0.value": "value"}),
        ({"starts_on": "2026-13-01"}, {"rules.0.starts_on": "not_a_day"}),
        ({"starts_on": "2026-02-02", "ends_on": "2026-02-01"}, {"rules.0.ends_on": "ends_before"}),
        ({"scope": {"planet": "x"}}, {"rules.0.scope": "scope"}),
        ({"form": "poem"}, {"rules.0.form": "unknown"}),
        ({"when": "amount > 3", "scope": {}}, {"rules.0.when": "no_currency"}),
        ({"when": "age > 60", "scope": {"market": "US"}}, {"rules.0.when": "forbidden"}),
        ({"when": "age > 60", "scope": {}}, {"rules.0.when": "forbidden"}),
    ],
)
def test_what_is_wrong_is_told_by_its_place(changed, expected):
    assert faults(rule(**changed)) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"rows": []}, {"rules.0.rows": "empty"}),
        ({"columns": []}, {"rules.0.columns": "empty"}),
        ({"columns": [{"fact": "returning", "operator": "above"}]}, {"rules.0.columns.0": "column", "rules.0.columns": "empty"}),
        ({"rows": [{"cells": [1], "then": HOLD}]}, {"rules.0.rows.0": "cells"}),
        ({"rows": [{"cells": ["x", None, None], "then": HOLD}]}, {"rules.0.rows.0.cells.0": "cell"}),
        ({"rows": [{"cells": [None, [], None], "then": HOLD}]}, {"rules.0.rows.0.cells.1": "cell"}),
        ({"rows": [{"cells": [None, None, False], "then": HOLD}]}, {"rules.0.rows.0.cells.2": "cell"}),
        ({"rows": "x"}, {"rules.0.rows": "empty"}),
    ],
)
def test_what_is_wrong_with_a_table_is_told(table, expected):
    told = faults(TABLE | table)
    assert {place: code for place, code in told.items() if place in expected} == {k: v for k, v in expected.items() if k in told} != {}


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({"bands": []}, {"rules.0.bands": "empty"}),
        ({"bands": [{"fact": "country", "bounds": [[0, 1]]}]}, {"rules.0.bands.0": "fact", "rules.0.bands": "empty"}),
        ({"bands": [{"fact": "pieces", "bounds": [[5, 1], [1, 2]]}]}, {"rules.0.bands.0": "bounds", "rules.0.bands": "empty"}),
        ({"steps": []}, {"rules.0.steps": "empty"}),
        ({"steps": [{"at_least": "x", "then": HOLD}]}, {"rules.0.steps.0": "points", "rules.0.steps": "empty"}),
    ],
)
def test_what_is_wrong_with_points_is_told(points, expected):
    assert faults(POINTS | points) == expected


def test_all_faults_are_told_at_once():
    told = faults(rule(when="(", id="a"), rule(name="", id="a"), 7, examples=[{"facts": {"zzz": 1}, "expects": ["jump"]}])
    assert told == {
        "rules.0.when": "syntax",
        "rules.1.name": "name",
        "rules.1.id": "same_id",
        "rules.2": "not_an_object",
        "examples.0.facts.zzz": "fact",
        "examples.0.expects": "outcome",
    }


def test_a_set_that_is_no_list_or_too_long_is_refused():
    assert faults(rules={"a": 1}) == {"rules": "not_a_list"}
    assert faults(*[rule(id=f"r{number}") for number in range(501)]) == {"rules": "too_many"}


def test_examples_that_do_not_come_true_are_named():
    wanted = {"name": "Three pieces", "facts": {"pieces": 3}, "place": {"market": "DK"}, "expects": ["hold"]}
    rules = made(rule(), examples=[wanted, wanted | {"name": "Two", "facts": {"pieces": 2}}, wanted | {"name": "None", "expects": []}])
    failed = failed_examples(rules, exponents={"DK": 2}, on=date(2026, 11, 27))
    assert [(example.name, given) for example, given in failed] == [("Two", frozenset()), ("None", frozenset({"hold"}))]


def test_a_place_without_anything_meets_rules_without_limits():
    assert found(rule(scope={}), place=Place("", "", "", (), date(2026, 1, 1))) == [("r1", "hold", 0)]
