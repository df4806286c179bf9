"""Expected losses, calculated by hand."""

from plans.rules.arrears import LEAST_DAYS, bucket_of
from reports.provisions.rules import (
    STAGES,
    Floors,
    Flow,
    Movement,
    Parameters,
    StageDays,
    chances_of,
    expected,
    loss_bps,
    movements,
    rolls_of,
    summed,
)

FLOORS = Floors(few=10, first_bps=200, second_bps=3_500, lgd_bps=7_500)
NEW, LATE, BAD = ("current", 1), ("31-60", 2), ("91-120", 3)


def parameters(current=100, late=5_000, lgd=8_000, *, lifetime=False):
    year = dict.fromkeys(LEAST_DAYS, 0) | {"current": current, "31-60": late - 1_000}
    return Parameters(year, dict.fromkeys(LEAST_DAYS, 0) | {"current": 2 * current, "31-60": late}, lgd, lifetime)


def test_buckets_begin_where_the_one_before_ends():
    assert list(LEAST_DAYS.values()) == [0, 1, 4, 31, 61, 91, 121, 151, 181]
    assert [bucket_of(days) for days in LEAST_DAYS.values()] == list(LEAST_DAYS)


def test_a_chain_of_rolls_by_hand():
    # Of 100 in time, 10 are late a month later and 90 still in time; of 20 late ones, 10 default and 10 are in time.
    rolls = {"current": {"current": 90, "31-60": 10}, "31-60": {"current": 10, "default": 10}}
    found = chances_of(rolls, LEAST_DAYS, StageDays(), FLOORS)
    late, time = [0.0], [0.0]
    for _ in range(60):
        late, time = [*late, 0.5 + 0.5 * time[-1]], [*time, 0.9 * time[-1] + 0.1 * late[-1]]
    assert (found.year["current"], found.year["31-60"]) == (round(time[12] * 10_000), round(late[12] * 10_000))
    assert (found.life["current"], found.life["31-60"]) == (round(time[60] * 10_000), round(late[60] * 10_000))
    assert found.own == ("current", "31-60")
    # One step and two steps, by hand: 5 % of those in time after two months.
    assert (round(time[2] * 10_000), round(late[2] * 10_000)) == (500, 5_000)


def test_what_ends_cannot_default_and_what_never_ends_does():
    halves = chances_of({"current": {"ended": 50, "default": 50}}, LEAST_DAYS, StageDays(), FLOORS)
    assert (halves.year["current"], halves.life["current"]) == (5_000, 5_000)
    slow = chances_of({"current": {"ended": 15, "current": 80, "default": 5}}, LEAST_DAYS, StageDays(), FLOORS)
    # In the long run 5 of the 20 that leave: a quarter.
    assert slow.life["current"] == 2_500
    assert slow.year["current"] == 2_328  # 0.25 x (1 - 0.8 ** 12)


def test_a_bucket_that_few_were_in_has_its_floor_also_where_others_come_through_it():
    rolls = {"current": {"ended": 90, "4-30": 10}, "4-30": {"default": 9}}
    found = chances_of(rolls, LEAST_DAYS, StageDays(), FLOORS)
    assert found.own == ("current",)
    assert (found.year["4-30"], found.year["31-60"], found.year["61-90"]) == (200, 3_500, 3_500)
    assert found.year["current"] == 20  # a tenth of 2 %
    earlier = chances_of({}, LEAST_DAYS, StageDays(over=3, third=60), FLOORS)
    assert (earlier.life["1-3"], earlier.life["4-30"]) == (200, 3_500)


def test_rolls_of_months_add_up():
    assert summed([{"current": {"current": 1, "ended": 2}}, {"current": {"ended": 3}, "1-3": {"default": 1}}]) == {
        "current": {"current": 1, "ended": 5},
        "1-3": {"default": 1},
    }


def test_rolls_leave_out_what_was_in_default_and_count_what_was_given_up():
    flows = [
        (Flow(NEW, LATE, 3, 300, 0, 300, 300), False),
        (Flow(NEW, BAD, 2, 200, 0, 200, 200), False),
        (Flow(NEW, None, 4, 400, 0, 0, 0), False),
        (Flow(LATE, None, 1, 100, 100, 0, 0), True),
        (Flow(BAD, None, 5, 500, 0, 0, 0), False),
        (Flow(None, NEW, 6, 0, 0, 0, 600), False),
    ]
    assert rolls_of(flows) == {"current": {"31-60": 3, "default": 2, "ended": 4}, "31-60": {"default": 1}}


def test_a_loss_is_what_is_left_of_enough_plans():
    assert loss_bps(100_000, 60_000, 10, FLOORS) == (6_000, True)
    assert loss_bps(100_000, 60_000, 9, FLOORS) == (7_500, False)
    assert loss_bps(3, 1, 10, FLOORS) == (3_333, True)
    assert loss_bps(100, 120, 10, FLOORS) == (10_000, True)


def test_an_expected_loss_is_rounded_half_up():
    assert expected(100_000, 100, 8_000) == 800
    assert (expected(5, 5_000, 2_000), expected(4, 5_000, 2_000), expected(0, 10_000, 10_000)) == (1, 0, 0)


def test_a_provision_moves_by_causes_that_add_up():
    before, now = parameters(), parameters(current=150, lgd=9_000)
    flows = [
        Flow(NEW, NEW, 8, 80_000, 0, 60_000, 60_000),  # 20,000 repaid
        Flow(NEW, LATE, 2, 20_000, 0, 20_000, 20_000),
        Flow(BAD, None, 1, 10_000, 9_000, 0, 0),  # given up but for 1,000 that was paid
        Flow(None, NEW, 5, 0, 0, 0, 50_000),
    ]
    found = movements(flows, before, now)
    # Stage 1: 100,000 at 1 % x 80 %; 20,000 repaid; 20,000 moved away; 60,000 at 1.5 % x 90 %; 50,000 new.
    assert found[1] == Movement(opening=800, repaid=-160, moved=-160, parameters=330, new=675, closing=1_485)
    # Stage 2: 20,000 came at 50 % x 80 %, and are 90 % now.
    assert found[2] == Movement(moved=8_000, parameters=1_000, closing=9_000)
    assert found[3] == Movement(opening=8_000, charged_off=-7_200, repaid=-800)


def test_the_closing_is_the_next_opening_to_the_unit():
    first = [Flow(None, place, 1, 0, 0, 0, minor) for place, minor in ((NEW, 33_333), (NEW, 77), (LATE, 12_345), (BAD, 999))]
    closed = movements(first, None, parameters())
    then = [Flow(one.after, NEW, 1, one.closed, 0, one.closed // 3, one.closed // 3 + 7) for one in first]
    opened = movements(then, parameters(), parameters(current=123))
    assert [opened[stage].opening for stage in STAGES] == [closed[stage].closing for stage in STAGES]
    for one in opened.values():
        assert one.closing == one.opening + one.new + one.repaid + one.moved + one.parameters + one.charged_off


def test_the_whole_life_counts_in_stage_1_where_it_is_asked_for():
    told = [Flow(None, NEW, 1, 0, 0, 0, 100_000)]
    assert movements(told, None, parameters(lifetime=True))[1].closing == 2 * movements(told, None, parameters())[1].closing == 1_600
