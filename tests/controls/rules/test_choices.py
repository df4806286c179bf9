import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.rules.choices import BARE, MANY, OPERATORS, Choice, Operator, read_choices, write_choices
from controls.rules.facts import DECIMAL, FactType
from tests.controls.rules.vocabulary import FACTS, LANGUAGE

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
VALUES = {FactType.WHOLE: st.integers(-(2**63) + 1, 2**63 - 1), FactType.TEXT: TEXT, FactType.TEXTS: TEXT}


@st.composite
def choices(draw):
    fact = draw(st.sampled_from([fact for fact in FACTS.values() if OPERATORS[fact.type]]))
    operator = draw(st.sampled_from(OPERATORS[fact.type]))
    if operator in BARE:
        return Choice(fact.name, operator)
    values = st.floats(-1e15, 1e15) if fact.type in DECIMAL else VALUES[fact.type]
    value = tuple(draw(st.lists(values, min_size=1, max_size=4))) if operator in MANY else draw(values)
    return Choice(fact.name, operator, value)


@given(st.lists(choices(), min_size=1, max_size=6), st.sampled_from(["and", "or"]))
def test_what_was_chosen_is_read_again_from_the_condition(chosen, joined):
    found = read_choices(LANGUAGE.compile(write_choices(chosen, joined, FACTS)).tree, FACTS)
    assert found == (joined if len(chosen) > 1 else "and", chosen)


@pytest.mark.parametrize(
    "text",
    [
        "amount * 2 > 3",
        "amount > 3 && (pieces > 1 || returning)",
        "!(amount > 3)",
        "3 < amount",
        "placed.getHours() > 3",
        "categories.exists(one, one == 'x')",
        "country in categories",
        "pieces == size(categories)",
    ],
)
def test_what_is_more_than_choices_is_not_read_as_choices(text):
    assert read_choices(LANGUAGE.compile(text).tree, FACTS) is None


def test_an_operator_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        write_choices([Choice("returning", Operator.ABOVE, 3)], "and", FACTS)
