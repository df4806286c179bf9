"""Faulty rules of every kind: a fault in the text is refused with its place; one that only a case shows never stops other rules."""

import pytest

from controls import services
from controls.rule_kinds import RuleKind, get_rule_kind, language_of, list_rule_kinds
from controls.rules.facts import NUMERIC, FactType
from controls.rules.reading import Faults, read_set
from controls.rules.sets import Place
from controls.rules.trials import Told, add_case, empty_counts
from core.errors import Invalid
from core.money import exponent
from tests.operators import make_operator
from tests.shops import AT

pytestmark = pytest.mark.django_db
KINDS = [kind.name for kind in list_rule_kinds()]
PLACE = Place("", "US", "", (), AT.date())
SCOPE = {"market": "US"}


def number_of(kind) -> str:
    """Return the name of a number among the kind's facts that is not an amount of money."""
    return next(fact.name for fact in kind.facts if fact.type in NUMERIC - {FactType.AMOUNT})


def rule_of(kind, when="true", key="one"):
    """Return a rule with the first of the kind's outcomes that has some value."""
    found = [
        (name, next(iter(one.choices), None) if one.value == FactType.TEXT else one.value and 1) for name, one in kind.outcomes.items()
    ]
    outcome, value = next((name, value) for name, value in found if value is not None or kind.outcomes[name].value is None)
    then = {"outcome": outcome, "value": value, "reason": next(iter(kind.reasons))}
    return {"id": key, "name": key, "when": when, "scope": SCOPE, "then": then}


def read(kind, *rules):
    return read_set({"rules": list(rules)}, kind.terms, language_of(kind.name))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("when", ["vanished > 1", "{number} >", "{number} > 'much'", "{number} + 1", "'text'", "while (true) {{}}", ""])
def test_what_is_no_condition_is_refused_at_its_place(name, when):
    kind = get_rule_kind(name)
    with pytest.raises(Faults) as caught:
        read(kind, rule_of(kind, when.format(number=number_of(kind))))
    assert set(caught.value.by_place) == {"rules.0.when"}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("value", [[], {}, object, True, float("inf"), -1])
def test_a_value_that_does_not_fit_is_refused(name, value):
    kind = get_rule_kind(name)
    bad = rule_of(kind)
    bad["then"]["value"] = value
    with pytest.raises(Faults) as caught:
        read(kind, bad)
    assert set(caught.value.by_place) == {"rules.0.value"}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("when", ["1 / 0 == 1", "{number} > {zero} && 7 % 0 == 1"])
def test_a_condition_that_fails_for_a_case_does_not_hold_and_the_others_are_asked(name, when):
    kind = get_rule_kind(name)
    number = number_of(kind)
    zero = "0" if kind.terms.facts[number].type == FactType.WHOLE else "0.0"
    rules = read(kind, rule_of(kind, when.format(number=number, zero=zero), "broken"), rule_of(kind, key="sound"))
    answer = rules.ask({number: 1}, PLACE, exponent=2)
    assert [one.rule for one in answer.findings] == ["sound"]
    assert {one.rule for one in answer.troubles} == {"broken"}


@pytest.mark.parametrize("name", KINDS)
def test_an_unknown_fact_of_a_case_holds_nothing(name):
    kind = get_rule_kind(name)
    number = number_of(kind)
    zero = "0" if kind.terms.facts[number].type == FactType.WHOLE else "0.0"
    assert read(kind, rule_of(kind, f"{number} >= {zero}")).ask({}, PLACE, exponent=2).findings == ()


@pytest.mark.parametrize("name", KINDS)
def test_a_rule_that_holds_for_everything_is_counted_as_such(name):
    kind = get_rule_kind(name)
    rules, counts = read(kind, rule_of(kind)), empty_counts()
    told = {"amount_minor": 1, "lost_minor": 0, "currency": "USD", "segments": {}, "idle": ("", kind.idle)}
    for number in range(3):
        answer = rules.ask({}, PLACE, exponent=exponent("USD"))
        add_case(counts, Told(subject=str(number), before="", after=kind.gravest(answer.findings), **told), answer, kind.compared)
    assert (counts["asked"], counts["after"]) == (3, 3 * (kind.gravest(answer.findings) != kind.idle))
    assert kind.sweep != RuleKind.sweep


@pytest.mark.parametrize("name", KINDS)
def test_a_bad_draft_is_refused_and_nothing_is_kept(name):
    kind, user = get_rule_kind(name), make_operator("rita@kvart.example", may=["propose_rules"])
    made = services.start_draft(kind=name, user=user, at=AT)
    bad = rule_of(kind, "vanished > 1")
    with pytest.raises(Invalid) as caught:
        services.change_draft(kind=name, number=made.number, revision=0, content={"rules": [bad]}, user=user, at=AT)
    assert "rules.0.when" in caught.value.fields
    made.refresh_from_db()
    assert made.revision == 0
