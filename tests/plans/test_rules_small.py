"""With which charge each payment is taken where some are too small."""

import random
from datetime import date

import pytest

from plans.rules.small import Coming, Taking, gather, takings_of

DAYS = [date(2026, 12, day) for day in (1, 15, 29)] + [date(2027, 1, 12)]


def of(*minors, waits=0):
    return [Coming(number, day, minor, number <= waits) for number, (day, minor) in enumerate(zip(DAYS, minors, strict=False), 1)]


@pytest.mark.parametrize(
    ("coming", "takings"),
    [
        (of(100, 100), [(0, 100, (1,)), (1, 100, (2,))]),
        (of(25, 25, 25, 25), [(1, 50, (1, 2)), (3, 50, (3, 4))]),
        (of(25, 25, 25), [(1, 50, (1, 2))]),
        (of(2002, 11), [(0, 2002, (1,))]),
        (of(11, 2002), [(1, 2013, (1, 2))]),
        (of(11, 2002, 2002, waits=1), [(1, 2013, (1, 2)), (2, 2002, (3,))]),
        (of(20, 20), []),
        ([], []),
    ],
)
def test_what_is_too_small_waits_for_the_next_and_is_waived_where_none_comes(coming, takings):
    assert takings_of(coming, least=50) == [Taking(DAYS[place], amount, numbers) for place, amount, numbers in takings]


def test_of_two_on_one_day_the_smaller_number_comes_first():
    same = [Coming(2, DAYS[0], 20), Coming(1, DAYS[0], 100), Coming(3, DAYS[1], 100)]
    assert takings_of(same, least=50) == [Taking(DAYS[0], 100, (1,)), Taking(DAYS[1], 120, (2, 3))]


@pytest.mark.parametrize("seed", range(20))
def test_every_payment_is_in_one_charge_or_left_over_in_its_order(seed):
    chance = random.Random(seed)
    payments = [(chance.randrange(1, 60), chance.choice([50, 50, 80])) for _ in range(chance.randrange(8))]
    before = chance.choice([0, 0, 30])
    charges, left = gather(payments, waiting_minor=before)
    assert [place for places in charges for place in places] + left == list(range(len(payments)))
    for number, places in enumerate(charges):
        sums = [sum(payments[place][0] for place in places[: end + 1]) + (0 if number else before) for end in range(len(places))]
        enough = [total >= payments[place][1] for total, place in zip(sums, places, strict=True)]
        assert enough == [False] * (len(places) - 1) + [True]
