"""What sales earn and cost: counted from plans, and calculated by hand."""

from datetime import timedelta

import pytest

from plans.models import Installment, Plan
from plans.states import PlanStatus
from reports.margins.queries import By, margins, month_before
from reports.margins.rules import Margin, Sums, loss_rates, margin_of
from reports.margins.services import count_margins
from reports.models import Margin as Row
from tests.credit.models import give, make_model
from tests.offer_rules import offer_rule, rule_offers
from tests.owner import unguarded


def test_a_margin_by_hand():
    good = Sums(
        plans=2,
        financed_minor=100_000,
        fees_minor=5_000,
        money_days=36_500_000,
        open_minor=40_000,
        late_minor=10_000,
        rated_minor=20_000,
        defaults_minor=1_000,
    )
    bad = Sums(plans=1, financed_minor=50_000, fees_minor=2_000, interest_minor=500, lost_minor=9_000)
    found = margin_of([(good, 20_000), (bad, 500_000)], funds_bps=400, late_pct=50, lgd_bps=7_500)
    # 36,500,000 minor units for a day, 4 % a year; three quarters of 1,000 in a default, the other 10,000 in time at 2 %, 10,000 at half.
    assert found == Margin(good + bad, 4_000, 750, 200, 5_000)
    assert (found.minor, found.bps, found.loss_bps) == (7_500 - 4_000 - 9_000 - 5_950, -763, 997)
    assert Margin(Sums(), 0, 0, 0, 0).bps is None


def test_few_sales_are_rated_near_the_average():
    rates = loss_rates({"A": Sums(financed_minor=10_000_000, lost_minor=100_000), "C": Sums(financed_minor=1_000, lost_minor=1_000)}, 100)
    # 101,000 of 10,001,000 were lost in all: of the 1,000 units that count beside each grade, 1,009 minor units.
    assert rates == {"A": 1_000_000 * 101_009 // 10_100_000, "C": 1_000_000 * 2_009 // 101_000}
    assert loss_rates({"A": Sums()}, 100) == {"A": 0}


def test_months_go_back_over_the_year(at):
    assert month_before(at.date().replace(year=2026, month=2, day=28), 3).isoformat() == "2025-11-01"


@pytest.mark.django_db
def test_sales_are_counted_by_what_became_of_them(buy, merchant, stranger, at):
    paid, lost, late = (
        buy(shop, 10_000 + n, at + timedelta(hours=n), f"p{n}+approve@people.example", capture="automatic")
        for n, shop in enumerate((merchant, merchant, stranger))
    )
    buy(stranger, 9_000, at, "kept+approve@people.example")  # nothing captured
    with unguarded():  # two operators give a plan up
        Plan.objects.filter(pk=lost.plan_id).update(status=PlanStatus.CHARGED_OFF)
    day = at + timedelta(days=100)
    assert count_margins(at=day) == 2
    rows = {row.merchant_id: row for row in Row.objects.all()}
    owed = [
        sum(i.principal_minor - i.paid_principal_minor for i in Installment.objects.filter(plan=one.plan_id)) for one in (paid, lost, late)
    ]
    assert [(row.plans, row.financed_minor) for row in (rows[merchant.pk], rows[stranger.pk])] == [(2, 20_001), (1, 10_002)]
    assert (rows[merchant.pk].lost_minor, rows[merchant.pk].open_minor, rows[merchant.pk].late_minor) == (owed[1], owed[0], owed[0])
    assert rows[stranger.pk].fees_minor == late.fee_minor > 0
    days = sum(i.principal_minor * 100 for i in Installment.objects.filter(plan=late.plan_id, paid_at=None))
    paid_days = Installment.objects.filter(plan=late.plan_id, paid_at__isnull=False)
    assert int(rows[stranger.pk].money_days) == days + sum(i.principal_minor * (i.paid_at.date() - i.start_date).days for i in paid_days)


@pytest.mark.django_db
def test_it_is_counted_once_a_day_and_anew_on_the_next(buy, merchant, at):
    buy(merchant, 10_000, at, "p1+approve@people.example", capture="automatic")
    assert [count_margins(at=at + timedelta(hours=hours)) for hours in (0.5, 1, 25)] == [1, 0, 1]
    assert Row.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("by", By)
def test_every_grouping_has_the_same_whole(by, buy, merchant, stranger, at, django_assert_max_num_queries):
    for n, shop in enumerate((merchant, stranger)):
        buy(shop, 10_000 + n, at, f"p{n}+approve@people.example", capture="automatic")
    count_margins(at=at + timedelta(days=40))
    with django_assert_max_num_queries(4):
        [table] = margins(by, months=3, market="", at=at + timedelta(days=40))
    assert (table.currency, table.whole.sums.plans, table.whole.sums.financed_minor) == ("USD", 2, 20_001)
    assert sum((group.margin.sums for group in table.groups), Sums()) == table.whole.sums
    assert margins(by, months=3, market="DK", at=at + timedelta(days=40)) == []


@pytest.mark.django_db
def test_a_paid_deposit_is_no_financed_money(buy, merchant, at):
    rule_offers(offer_rule("deposit", 0.2))
    buy(merchant, 60_000, at, product="monthly_6", capture="automatic")
    assert count_margins(at=at) == 1
    assert Row.objects.get().financed_minor == 48_000  # paid before it is captured
    assert count_margins(at=at + timedelta(days=1)) == 1
    row = Row.objects.get()
    assert (row.financed_minor, row.open_minor, row.interest_minor) == (48_000, 48_000, 0)
    assert int(row.money_days) == 48_000


def test_a_sale_has_the_grade_of_its_decision_and_without_one_that_of_its_points(buy, merchant, at):
    by_points = buy(merchant, 10_000, at, "p1+approve@people.example", capture="automatic")
    give(make_model(percent=8))
    by_model = buy.finish(buy.open(merchant, 10_000, capture="automatic"), "p2+approve@people.example").order
    assert (by_points.decision.score, by_model.decision.score) == (900, 900)
    assert count_margins(at=at + timedelta(days=1)) == 2
    assert sorted(Row.objects.values_list("grade", "plans")) == [("A", 1), ("C", 1)]
    by_model.decision.refresh_from_db()
    points, model = Row.objects.get(grade="A"), Row.objects.get(grade="C")
    in_time = model.open_minor - model.late_minor
    assert (points.rated_minor, points.defaults_minor) == (0, 0)
    assert (model.rated_minor, model.defaults_minor) == (in_time, round(in_time * 0.08))
    [table] = margins(By.GRADE, months=3, market="", at=at + timedelta(days=1))
    told = {group.key[1]: group.margin for group in table.groups}
    assert (told["A"].by_chance_minor, told["C"].by_chance_minor) == (0, model.defaults_minor * 3 // 4)
    assert told["C"].by_grade_minor == 0
