"""The figures of bank accounts: exact on written cases, bounded in time and size."""

import time
from dataclasses import asdict
from datetime import date, timedelta

import pytest

from credit.banking.sorting import Movement
from credit.banking.sums import MOST_MOVEMENTS, Figures, OutOfRange, sum_up

UNTIL = date(2026, 7, 1)


def moved(on, minor, text="", other="", account="a"):
    return Movement(account=account, on=on, minor=minor, text=text, other=other)


def each(days, minor, text="", other=""):
    return [moved(day, minor, text, other) for day in days]


def monthly(day, months=range(1, 7)):
    return [date(2026, month, day) for month in months]


def every(days, count, last):
    return [last - timedelta(days=days * back) for back in reversed(range(count))]


def figures(*groups, balance=0, until=UNTIL, names=()):
    return sum_up([one for group in groups for one in group], balances={"a": balance}, until=until, names=names)


def test_a_half_year_of_a_usual_life_is_summed_up_exactly():
    found = figures(
        each(monthly(1), 1, "opening"),
        each(monthly(25), 320_000, "Salary", "Globex Ltd"),
        each(monthly(2), -110_000, "Rent", "Lettings"),
        each(monthly(5), -4_000, "Phone", "Telco"),
        each(monthly(9), -7_500, "Klarna"),
        each(monthly(12), -30_000, "To savings"),
        each(monthly(14, range(1, 3)), -9_600, "bet365"),
        [moved(date(2026, 3, 20), -50_000, "Sofa"), moved(date(2026, 4, 2), 70_000, "Gift from aunt")],
        balance=1_000_000,
    )
    assert asdict(found) == {
        "income_minor": 320_000,
        "fixed_minor": 114_000,
        "lenders_minor": 7_500,
        "spending_minor": 131_100,
        "gambling_bps": 19_200 * 10_000 // (6 * 320_000 + 6 + 70_000),
        "months": 6,
        "lowest_minor": -172_905,
        "days_below_zero": 37,
        "below_zero_30d": 0,
        "returned_90d": 0,
        "steady_bps": 10_000,
    }
    assert found.verifies_income


def test_nothing_is_nothing():
    assert figures() == Figures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert not figures().verifies_income


@pytest.mark.parametrize(
    ("days", "income"),
    [
        (monthly(25), 100_000),
        (every(14, 13, date(2026, 6, 26)), 200_000),
        (every(7, 26, date(2026, 6, 26)), 400_000),
        ([date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 29), date(2026, 6, 30)], 100_000),
    ],
)
def test_monthly_fortnightly_and_weekly_pay_is_regular(days, income):
    assert figures([moved(date(2026, 1, 1), 1)], each(days, 100_000, "Wages", "Globex")).income_minor == income


@pytest.mark.parametrize(
    "days",
    [
        monthly(25, range(5, 7)),  # twice is no rhythm
        [date(2026, 1, 3), date(2026, 2, 20), date(2026, 3, 1), date(2026, 5, 9), date(2026, 6, 20)],  # at odd times
        monthly(25, range(1, 5)),  # it ended in April
        every(7, 12, date(2026, 6, 12)),  # weekly pay that did not come any more
    ],
)
def test_pay_without_a_rhythm_or_that_ended_is_not_verified(days):
    assert figures([moved(date(2026, 1, 1), 1)], each(days, 100_000, "Wages", "Globex")).income_minor == 0


def test_salary_and_benefits_are_one_figure():
    paid = figures(each(monthly(1), 90_000, "Wages", "Globex"), each(monthly(20), 20_000, "Universal credit", "DWP"))
    assert paid.income_minor == 110_000


def test_an_unnamed_payment_counts_if_a_company_pays_it_steadily():
    assert figures(each(monthly(1), 90_000, "ref 5", "Globex Ltd")).income_minor == 90_000
    assert figures(each(monthly(1), 90_000, "ref 5", "Bo Holm")).income_minor == 0
    uneven = [moved(day, minor, "ref", "Globex Ltd") for day, minor in zip(monthly(1), (90, 10, 300, 90, 700, 20), strict=True)]
    assert figures(uneven).income_minor == 0


def test_a_salary_that_varies_counts_with_its_lower_median():
    paid = [moved(day, minor, "Wages", "Globex") for day, minor in zip(monthly(1), (90, 80, 70, 60, 50, 40), strict=True)]
    assert (figures(paid).income_minor, figures(paid).steady_bps) == (60, 3 * 10_000 // 6)


def test_loans_winnings_and_circles_are_no_income():
    found = figures(
        each(monthly(1), 50_000, "Loan payout", "Zopa"),
        each(monthly(3), 50_000, "Casino"),
        each(monthly(5), 50_000, "Salary", "Bo Holm"),
        each(monthly(7), -50_000, "back", "Bo Holm"),
        each(monthly(9), 50_000, "Salary", "Ann Berg"),
        names=["Ann Berg"],
    )
    assert found.income_minor == 0


def test_only_whole_months_count():
    days = [date(2026, 3, 15), date(2026, 4, 15), date(2026, 5, 15), date(2026, 6, 15)]
    found = figures(each(days, 90_000, "Wages", "Globex"), until=date(2026, 6, 20))
    assert (found.months, found.income_minor, found.verifies_income) == (2, 90_000, False)
    assert figures(each(days, 90_000, "Wages", "Globex")).verifies_income


def test_gambling_is_a_share_of_what_came_in():
    lost = [moved(date(2026, 6, 1), -5_000, "bet365")]
    assert figures(lost, [moved(date(2026, 6, 2), 20_000, "gift")]).gambling_bps == 2_500
    assert figures(lost, [moved(date(2026, 6, 2), 20_000, "bet365 winnings")]).gambling_bps == 10_000
    assert figures(lost, [moved(date(2026, 6, 2), 20, "gift")]).gambling_bps == 10_000


def test_balances_are_counted_back_over_all_accounts():
    movements = [moved(date(2026, 6, 26), -300, account="a"), moved(date(2026, 6, 28), 500, account="b")]
    found = sum_up(movements, balances={"a": 100, "b": 150}, until=UNTIL)
    assert (found.lowest_minor, found.days_below_zero) == (-250, 2)


def test_what_is_too_old_in_the_future_or_of_no_amount_does_not_count():
    base = each(monthly(25), 100_000, "Wages", "Globex")
    more = [moved(UNTIL, 5_000_000, "Wages", "Globex"), moved(date(2020, 1, 1), 5_000_000, "Wages"), moved(date(2026, 1, 1), 0)]
    assert figures(base, more) == figures(base)


def test_the_order_of_movements_does_not_count():
    movements = each(monthly(25), 100_000, "Wages", "Globex") + each(monthly(1), -9_000, "Rent")
    assert figures(movements) == figures(movements[::-1])


@pytest.mark.parametrize(("minor", "balance"), [(10**15 + 1, 0), (-(10**15) - 1, 0), (1, 10**16)])
def test_amounts_beyond_any_account_are_refused(minor, balance):
    with pytest.raises(OutOfRange):
        figures([moved(date(2026, 6, 1), minor)], balance=balance)


def test_ten_thousand_hostile_movements_take_little_time_and_more_do_not_count():
    text = "ＳＡＬＡＲＹ\u200b " * 40 + "x" * 5_000
    day = date(2026, 6, 1)
    movements = [Movement(account=str(n % 3), on=day, minor=(-1) ** n * 100, text=text, other=f"{n} {text}") for n in range(MOST_MOVEMENTS)]
    same = [Movement(account="a", on=day, minor=(-1) ** (n // 5_000) * 7, text="x") for n in range(MOST_MOVEMENTS)]
    began = time.process_time()
    sum_up(movements, balances={}, until=UNTIL)
    sum_up(same, balances={}, until=UNTIL)
    assert time.process_time() - began < 5
    many = [moved(day, -1, "bet365")] * 5 + [moved(date(2026, 6, 2), 1)] * MOST_MOVEMENTS
    assert sum_up(many, balances={}, until=UNTIL).gambling_bps == 0


@pytest.mark.parametrize(
    ("bounces", "count"),
    [
        ([("Direct debit returned", 3), ("Fee for insufficient funds", -1)], 1),
        ([("RÜCKLASTSCHRIFT Stadtwerke", 3)], 1),
        ([("Manglende dækning, gebyr", -1)], 1),
        ([("Återförd betalning", 3), ("Återförd betalning", 3)], 2),
        ([("Returned goods, thank you", 3), ("Refund", 3), ("Retur Zalando", 3)], 0),
    ],
)
def test_debits_that_came_back_are_counted_once_with_their_fee_and_are_no_income(bounces, count):
    days = [date(2026, 6, 10), date(2026, 6, 12)]
    found = figures(*([moved(day, 1_000 * sign, text)] for day, (text, sign) in zip(days, [*bounces, ("x", 1)], strict=False)))
    assert (found.returned_90d, found.income_minor) == (count, 0)
    long_ago = figures([moved(date(2026, 3, 1), 3_000, "Direct debit returned"), moved(date(2026, 6, 1), 1)])
    assert long_ago.returned_90d == 0


def test_the_fee_that_the_provider_names_counts_as_a_debit_that_came_back():
    fee = Movement(account="a", on=date(2026, 6, 10), minor=-3_500, text="Fee", is_bounce=True)
    assert figures([fee]).returned_90d == 1


def test_days_below_zero_of_the_last_thirty_are_told_apart():
    found = figures([moved(date(2026, 5, 1), -10_000), moved(date(2026, 6, 11), 30_000)], balance=20_000)
    assert (found.days_below_zero, found.below_zero_30d, found.lowest_minor) == (41, 10, -10_000)
