import pytest
from django.utils import translation

from controls.wording import Wording
from tests.controls.rules.vocabulary import FACTS, LANGUAGE


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "amount > 500 && pieces > 2 && (returning || country in ['DK', 'SE'])",
            ("the amount is more than DKK 500.00 and the most pieces of one item is more than 2 and "
            "(the person bought before or the country is one of Denmark and Sweden)"),
        ),
        ("amount in [1, 2]", "the amount is one of DKK 1.00 and DKK 2.00"),
        ("amount * 2 > 1000", "the amount times 2 is more than DKK 1,000.00"),
        ("amount - 100 < 57.25", "the amount minus DKK 100.00 is less than DKK 57.25"),
        ("used >= 0.5", "the used part of the limit is at least 50%"),
        ("!(country in ['DK'])", "the country is none of Denmark"),
        ("country != 'DK'", "the country is not Denmark"),
        ("country.startsWith('D')", "the country begins with “D”"),
        ("!country.startsWith('D')", "the country does not begin with “D”"),
        ("'phones' in categories", "“phones” is among the kinds of goods"),
        ("!('phones' in categories)", "“phones” is not among the kinds of goods"),
        ("categories.exists(c, c.contains('x'))", "some entry c of the kinds of goods fits: c contains “x”"),
        ("categories.all(c, c == 'x')", "every entry c of the kinds of goods fits: c is “x”"),
        ("categories.exists_one(c, c == 'x')", "exactly one entry c of the kinds of goods fits: c is “x”"),
        ("categories.filter(c, c.contains('x')).size() > 2", ("the number of entries of those entries c of the kinds of goods that fit "
         "(c contains “x”) is more than 2")),
        ("categories.map(c, c + 'x') == ['x']", "each entry c of the kinds of goods, made into: c plus “x” is “x”"),
        ("categories.map(c, c != 'a', c + 'x') == ['x']", ("each entry c of those entries c of the kinds of goods that fit (c is not “a”), "
         "made into: c plus “x” is “x”")),
        ("categories[0] == 'x'", "entry 0 (0 is the first) of the kinds of goods is “x”"),
        ("size(categories) > 1000", "the number of entries of the kinds of goods is more than 1,000"),
        ("placed.getHours('CET') >= 22", "the hour of the moment is at least 22"),
        ("returning ? pieces > 1 : used < 1", ("if the person bought before: the most pieces of one item is more than 1, otherwise: "
         "the used part of the limit is less than 100%")),
        ("!returning", "not: the person bought before"),
        ("!(pieces > 1 || returning)", "not: (the most pieces of one item is more than 1 or the person bought before)"),
        ("pieces in [1,2,3,4,5,6,7,8,9,10]", "the most pieces of one item is one of 1, 2, 3, 4, 5, 6, 7, 8, and 2 more"),
        ("returning == true", "the person bought before is yes"),
    ],
)  # fmt: skip
def test_a_condition_in_words(text, told):
    assert Wording(FACTS, currency="DKK").condition(LANGUAGE.compile(text).tree).replace("\xa0", " ") == told


def test_a_condition_in_another_language():
    with translation.override("da"):
        told = Wording(FACTS, currency="DKK").condition(LANGUAGE.compile("amount > 1500.5 && pieces > 2").tree)
    assert "1.500,50" in told
    assert " og " in told


def test_an_amount_without_a_currency_is_a_number():
    assert Wording(FACTS).condition(LANGUAGE.compile("amount > 1500.5").tree) == "the amount is more than 1,500.5"
