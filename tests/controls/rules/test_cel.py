import pytest

from controls.rules.cel import MAX_LENGTH, Fault, Result
from tests.controls.rules.vocabulary import KEPT, LANGUAGE


def holds(text, **kept):
    return LANGUAGE.compile(text).test(LANGUAGE.case(KEPT | kept, exponent=2))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount == 57.25", True),
        ("amount >= 57.25 && amount <= 57.25", True),
        ("amount > 57.25", False),
        ("amount > 57", True),
        ("57 < amount", True),
        ("amount in [1, 57.25]", True),
        ("amount * 2 + 3 > 117", True),
        ("amount - 60 > -3", True),
        ("used > 0.2", True),
        ("used < 1", True),
        ("pieces > 2", True),
        ("!returning", True),
        ("country == 'DK'", True),
        ("country in ['SE', 'NO']", False),
        ("'phones' in categories", True),
        ("categories.exists(one, one.startsWith('cab'))", True),
        ("categories.all(one, one.startsWith('cab'))", False),
        ("placed.getHours('Europe/Copenhagen') == 23", True),
        ("returning ? pieces > 100 : amount > 3", True),
        ("country == 'DK' || 1 / 0 > 2", True),
    ],
)
def test_a_condition_holds_or_does_not(text, expected):
    assert holds(text) == Result(expected)


def test_an_amount_is_compared_in_whole_units_of_its_currency():
    yen = LANGUAGE.compile("amount >= 5725")
    assert yen.test(LANGUAGE.case(KEPT, exponent=0)).holds
    assert not yen.test(LANGUAGE.case(KEPT, exponent=2)).holds


def test_whole_numbers_beside_decimals_are_kept_with_decimals():
    assert LANGUAGE.compile("amount > 500 && pieces > 2").text == "amount > 500.0 && pieces > 2"
    assert LANGUAGE.compile("country == 'æ 12' && amount > 3").text == "country == 'æ 12' && amount > 3.0"
    assert LANGUAGE.compile("amount > 1e3").text == "amount > 1e3"


def test_it_tells_which_facts_it_asks():
    assert LANGUAGE.compile("amount > 3 && categories.exists(pieces, pieces == 'x')").uses == {"amount", "categories", "pieces"}
    assert LANGUAGE.compile("amount > 3 || !returning").uses == {"amount", "returning"}


@pytest.mark.parametrize(
    "text",
    [
        "categories.exists_one(one, one == country)",
        "categories.filter(one, one == country) == []",
        "categories.map(one, one > country, one) == []",
        "{'a': country}['a'] == 'DK'",
        "{country: 1} == {'DK': 1}",
        "has({'a': country}.a)",
        "google.protobuf.StringValue{value: country} == 'DK'",
    ],
)
def test_no_fact_hides_in_a_loop_or_a_map(text):
    assert "country" in LANGUAGE.compile(text).uses


@pytest.mark.parametrize(
    ("text", "code", "place", "told"),
    [
        ("amnt > 3", "unknown_fact", (1, 1), "There is no fact “amnt”. Do you mean “amount”?"),
        ("pieces > 1 &&\n  zzz", "unknown_fact", (2, 3), "There is no fact “zzz”."),
        ("amount > 'a'", "wrong_types", (1, 8), "“>” does not go with a number with decimals and a text."),
        ("pieces > 2.5", "wrong_types", (1, 8), "“>” does not go with a whole number and a number with decimals."),
        ("country + 1 == 'x'", "wrong_types", (1, 9), "“+” does not go with a text and a whole number."),
        ("country", "not_yes_or_no", (1, 1), "A condition must be true or false; this is a text."),
        ("pieces >", "syntax", (1, 9), "This cannot be read here."),
        ("(", "syntax", (1, 2), "This cannot be read here."),
        ("", "empty", (1, 1), "Write a condition."),
        ("  \n", "empty", (1, 1), "Write a condition."),
        ("true || " * MAX_LENGTH, "too_long", (1, 1), "A condition has at most 2000 characters."),
        ("has(country.x)", "other", (1, 4), None),
        (
            "categories.all(a, categories.all(b, categories.all(c, a + b == c)))",
            "too_deep",
            (1, 1),
            "Tests of a list's elements stand in one another more than 2 deep.",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, code, place, told):
    with pytest.raises(Fault) as caught:
        LANGUAGE.compile(text)
    assert (caught.value.code, (caught.value.line, caught.value.column)) == (code, place)
    assert told is None or caught.value.sentence == told


def test_what_is_not_known_does_not_hold_and_is_told():
    assert holds("pieces > 2", pieces=None) == Result(False, "unknown", "pieces")
    assert holds("!returning", returning=None) == Result(False, "unknown", "returning")
    assert holds("country == 'DK' || pieces > 2", pieces=None) == Result(True)


def test_what_fails_does_not_hold_and_is_told():
    assert holds("1 / (pieces - 3) > 1") == Result(False, "failed", "divide by zero")
    assert holds("pieces + 9223372036854775807 > 1") == Result(False, "failed", "integer overflow")
    assert holds("categories[7] == 'x'").trouble == "failed"


@pytest.mark.parametrize(
    "text",
    [
        "amount / 0 > 1",
        "amount / -0.0 < 1",
        "pieces / 0 == 1",
        "amount / (used - used) > 5 // by 1",
        "amount\n/ // by what was used\nused / [1.0, 0.0][1] > 1",
        "categories.exists_one(one, amount / 0.0 > 1.0)",
        "amount / double(size(')') - 1) > 1",
        "amount / (1.0 / 0.0) > 1",
    ],
)
def test_a_division_by_zero_fails_for_decimals_too(text):
    assert holds(text) == Result(False, "failed", "divide by zero")


@pytest.mark.parametrize(
    "text",
    [
        "used == used || amount / 0.0 > 1.0",
        "amount / 2 / 5e-1 == 57.25",
        "amount / -2 < 0 && country != 'a/0' && country != r'/0' && amount > 0",
        "amount / double(pieces) > 1",
        "pieces / 2 in [1, 2] && categories . size() / categories . size() == 1",
    ],
)
def test_other_divisions_are_as_they_were(text):
    assert holds(text) == Result(True)


def test_what_divides_cannot_be_named():
    with pytest.raises(Fault, match="no fact “divisor”"):
        LANGUAGE.compile("divisor(amount) / used > 1")


def test_a_condition_that_goes_on_and_on_is_ended():
    many = [str(number) for number in range(2_000)]
    result = holds("categories.all(a, categories.all(b, a + b != 'x'))", categories=many)
    assert (result.holds, result.trouble) == (False, "failed")


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ("country.matches(country)", (1, 17), "text in quotes"),
        ("pieces > 2 ||\n matches(country, 'D' + 'K')", (2, 23), "text in quotes"),
        ("categories.filter(one, one.matches(country)) == []", (1, 36), "text in quotes"),
        (r"country.matches('\\pL{300}')", (1, 17), "takes too long"),
        ("country.matches('((a{9}){9}){9}')", (1, 17), "takes too long"),
        ("country.matches('.{80}') || country.matches('.{1,150}')", (1, 45), "at most 200 characters"),
        ("amount > 5 || country == 'æ' || country.matches('(')", (1, 49), "cannot be read"),
    ],
)
def test_a_pattern_is_a_small_text_in_quotes(text, place, told):
    with pytest.raises(Fault, match=told) as refused:
        LANGUAGE.compile(text)
    assert (refused.value.code, refused.value.line, refused.value.column) == ("pattern", *place)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("amount > 500 && country > 3", (1, 25)),
        ("amount > 5 && amount < 70 && cuntry == 'x'", (1, 30)),
        ("amount > 500 &&\n amount > 20 && country > 3", (2, 25)),
        ("country > 3 && amount > 500", (1, 9)),
    ],
)
def test_the_place_of_a_fault_is_that_of_the_typed_text(text, place):
    """Decimals that are added to whole numbers move nothing."""
    with pytest.raises(Fault) as refused:
        LANGUAGE.compile(text)
    assert (refused.value.line, refused.value.column) == place


def test_a_pattern_that_may_be_used_holds():
    assert holds(r"country.matches('^[A-Z]{2}$') && categories.exists(one, one.matches('(?i)^CAB'))") == Result(True)


def test_an_evil_pattern_takes_no_time():
    assert holds("country.matches('^(a+)+$')", country="a" * 50_000 + "b") == Result(False)


def test_the_reading_of_nested_lists_and_numbers():
    assert holds("[1, -2, 3].exists(one, one == -2) && 0x10 == 16 && 5u == 5u && b'a' == b'a' && null == null && used < 1.5") == Result(
        True
    )
