"""Products whose interest the shop pays: taken with the capture, earned over its time, given back with a refund, exact in a race."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from checkout import services as checkouts
from checkout.models import Capture, Refund, ShopInterest
from core.errors import Invalid
from ledger.queries import balance
from merchants.models import Settlement, SettlementItem
from merchants.services import settle_merchants
from plans.models import Plan
from plans.offers import check_terms, terms_of
from plans.rules.shop_interest import earned_by, given_back, steps_of, without
from plans.services import withdraw_plan
from reports.books import check_books
from tests.checkout import test_scoped_products
from tests.checkout.test_scoped_products import sell
from tests.exactly_once.dying import count_moments, live_until
from tests.exactly_once.test_killed_anywhere import Purchase, go_on, purchase
from tests.plans.test_fees_attacked import at_once
from tests.shops import AT, make_key

__all__ = ["purchase"]
pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
FREE = {"count": 12, "rate_bps": 0, "shop_rate_bps": 1_200, "shops": ["nordlys"]}


def held() -> None:
    assert [line for check in check_books() for line in check.offenders] == []


def test_what_a_shop_pays_is_the_discount_at_its_rate():
    """1,200 in twelve payments at 1 % a month are worth 1,125.51 on the first day: the shop pays 74.49."""
    start = date(2026, 11, 22)
    days = [date(2026 + (month + 10) // 12, (month + 10) % 12 + 1, 22) for month in range(1, 13)]
    steps = steps_of([(day, 10_000) for day in days], start, 1_200)
    assert (sum(minor for _day, minor in steps), steps[0], steps[-1]) == (7_449, (days[0], 1_126), (days[-1], 99))
    assert earned_by(steps, 7_449, 0, days[0] - timedelta(1)) == (0, 0)
    assert earned_by(steps, 7_449, 0, days[-1]) == (12, 7_449)
    # After two steps half of the goods go back: half of what is left, and each later step is half of what it was.
    taken, earned = earned_by(steps, 7_449, 0, days[1])
    left = 7_449 - earned
    back = given_back(left, 60_000, 120_000)
    assert (taken, earned, back) == (2, 1_126 + 1_036, 2_644)
    assert earned_by(steps, left - back, 2, days[11]) == (12, left - back)
    # By the payments: from the second month on, the last six would have cost 43.07, and the four before them cost 9.80.
    later = steps_of([(day, 10_000 if day in days[6:] else 0) for day in days], start, 1_200, days[1])
    sooner = steps_of([(day, 10_000) for day in days[2:6]], start, 1_200, days[1])
    assert (sum(minor for _day, minor in later), sum(minor for _day, minor in sooner), left) == (4_307, 980, 5_287)
    assert [day for day, _minor in without(steps[2:], later)] == [day for day, _minor in sooner] == days[2:6]
    assert steps_of([(start, 10_000)], start, 1_200) == []


@pytest.mark.parametrize(
    ("terms", "field"),
    [({"rate_bps": 100}, "shop_rate_bps"), ({"count": 2}, "shop_rate_bps"), ({"count": 40}, "shop_rate_bps"), ({"shops": []}, "shops")],
)
def test_only_named_shops_pay_and_only_for_who_pays_none(db, terms, field):
    made = terms_of(sell("sold", **FREE))
    with pytest.raises(Invalid) as refused:
        check_terms(market=Plan, terms=made | {"name": "Free"} | terms, on=AT.date())
    assert list(refused.value.fields) == [field]


def test_a_story_from_the_offer_to_the_statement(buy, merchant, client):
    sell("sold", **FREE)
    order = buy(merchant, 60_000, at=AT, product="sold")
    assert (order.plan.apr_bps, sum(one["interest_minor"] for one in order.plan.agreed["installments"])) == (0, 0)
    told = {"order_id": order.id, "merchant": merchant, "actor": "test"}
    capture = checkouts.capture_order(**told, amount_minor=None, at=AT)
    assert (capture.shop_interest_minor, capture.fee_minor) == (3_725, 2_400)
    plan = order.plan.public_id
    unearned = lambda: -balance(kind="unearned_shop_interest", owner=plan, currency="USD")  # noqa: E731
    assert unearned() == 3_725
    settle_merchants(at=AT + DAY)
    first = Settlement.objects.get(merchant=merchant)
    assert (first.subsidies_minor, first.payout_minor) == (3_725, 60_000 - 2_400 - 3_725)
    # The timer earns each month once, however often it runs; a refund counts the same where it did not run at all.
    later = AT + 65 * DAY
    dry = checkouts.refund_order(**told, amount_minor=30_000, reason="", at=later, dry_run=True).refund
    assert [checkouts.earn_shop_interest(at=later) for _ in range(2)] == [1, 0]
    assert unearned() == 3_725 - 563 - 518
    done = checkouts.refund_order(**told, amount_minor=30_000, reason="", at=later).refund
    assert dry.shop_interest_minor == done.shop_interest_minor == 2_153
    settle_merchants(at=later + DAY)
    last = Settlement.objects.filter(merchant=merchant).latest("date")
    assert (last.returns_minor, last.subsidy_refunds_minor, last.closing_minor) == (30_000, 2_153, -30_000 + 2_153 + 1_200)
    assert list(SettlementItem.objects.filter(kind="interest").order_by("id").values_list("gross_minor", flat=True)) == [-3_725, 2_153]
    key = {"authorization": f"Bearer {make_key(merchant)}"}
    lines = client.get(f"/api/v1/settlements/{last.public_id}", headers=key).json()["lines"]
    assert [(one["type"], one["refund_id"], one["net"]) for one in lines][-1] == ("interest", done.public_id, 2_153)
    shown = client.get(f"/api/v1/orders/{order.public_id}", headers=key).json()
    assert (shown["captures"][0]["shop_interest"], shown["refunds"][0]["shop_interest_refunded"]) == (3_725, 2_153)
    held()
    # The last six months went back, which cost most; what is left is earned by the sixth, and goes back with the last of the goods.
    row = ShopInterest.objects.get(capture=capture)
    to_come = row.plan_of_steps()[2:]
    assert (row.left_minor, sum(minor for _day, minor in to_come), sum(minor for _day, minor in to_come[:4])) == (491, 491, 490)
    rest = checkouts.refund_order(**told, amount_minor=30_000, reason="", at=later + 2 * DAY, dry_run=True).refund
    assert rest.shop_interest_minor == 491
    checkouts.earn_shop_interest(at=datetime.combine(to_come[-1][0] + DAY, time(12), UTC))
    row.refresh_from_db()
    assert (row.earned_minor, row.returned_minor, row.next_on, unearned()) == (3_725 - 2_153, 2_153, None, 0)
    assert balance(kind="shop_interest_income", owner="", currency="USD") == 2_153 - 3_725
    held()


def test_capture_and_refunds_in_a_race_are_exact(buy, merchant):
    sell("sold", **FREE)
    order = buy(merchant, 60_000, at=AT, product="sold")
    told = {"order_id": order.id, "merchant": merchant, "actor": "test"}
    checkouts.capture_order(**told, amount_minor=30_000, at=AT)
    later = AT + 20 * DAY
    refund = {"amount_minor": 10_000, "reason": "", "at": later + 20 * DAY}
    errors = at_once(
        lambda: checkouts.capture_order(**told, amount_minor=30_000, at=later),
        lambda: checkouts.refund_order(**told, **refund),
        lambda: checkouts.refund_order(**told, **refund),
        lambda: checkouts.earn_shop_interest(at=later + 20 * DAY),
        lambda: settle_merchants(at=later + 20 * DAY),
    )
    assert errors == []
    settle_merchants(at=later + 30 * DAY)
    paid = sum(Capture.objects.values_list("shop_interest_minor", flat=True))
    back = sum(Refund.objects.values_list("shop_interest_minor", flat=True))
    sums = Settlement.objects.filter(merchant=merchant).values_list("subsidies_minor", "subsidy_refunds_minor")
    assert (sum(one for one, _ in sums), sum(two for _, two in sums)) == (paid, back)
    assert paid == 2 * 1_862
    assert SettlementItem.objects.filter(settlement=None).count() == 0
    held()


def test_a_part_sent_after_the_person_withdrew_costs_the_shop_nothing_as_it_is_paid_at_once(buy, merchant):
    sell("sold", **FREE)
    order = buy(merchant, 60_000, at=AT, product="sold")
    told = {"order_id": order.id, "merchant": merchant, "actor": "test"}
    checkouts.capture_order(**told, amount_minor=30_000, at=AT)
    assert withdraw_plan(plan_id=order.plan_id, repay_by=(AT + 30 * DAY).date(), actor="", at=AT + DAY)
    later = checkouts.capture_order(**told, amount_minor=None, at=AT + 2 * DAY)
    assert (later.shop_interest_minor, ShopInterest.objects.count()) == (0, 1)
    back = checkouts.refund_order(**told, amount_minor=40_000, reason="", at=AT + 3 * DAY).refund
    assert 0 < back.shop_interest_minor < 1_862
    held()


class PaidByTheShop(Purchase):
    """An order by a product whose interest the shop pays."""

    def live(self) -> None:
        """Capture, refund a part after the first month, be settled."""
        own = {"order_id": self.order.id, "merchant": self.merchant, "actor": "test"}
        self.once("capture", lambda: checkouts.capture_order(**own, amount_minor=None, at=self.at))
        checkouts.earn_shop_interest(at=self.at + 40 * DAY)
        self.once("refund", lambda: checkouts.refund_order(**own, amount_minor=9_000, reason="", at=self.at + 40 * DAY))
        settle_merchants(at=self.at + DAY)

    def outcome(self) -> dict[str, object]:
        """Return what came of it for the shop."""
        rows = ShopInterest.objects.filter(capture__order=self.order)
        return {
            "interest": list(rows.values_list("paid_minor", "earned_minor", "returned_minor")),
            "items": sorted(SettlementItem.objects.filter(merchant=self.merchant).values_list("kind", "gross_minor", "fee_minor")),
            "settled": list(Settlement.objects.filter(merchant=self.merchant).values_list("subsidies_minor", "payout_minor")),
        }


def test_interest_is_taken_and_given_back_once_whenever_the_process_dies(purchase, monkeypatch, merchant):
    monkeypatch.setattr(test_scoped_products, "AT", AT - DAY)
    shops = [f"s{number}" for number in range(1, 400)]
    sell("pay_in_4", like="monthly_6", **FREE | {"shops": shops, "count": 6, "name": "6 months"})
    undisturbed = purchase(PaidByTheShop)
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    assert expected["interest"][0][0] > 0
    for moment in range(2, total - 2, max(3, total // 6)):
        one = purchase(PaidByTheShop)
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        go_on(one)
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"
    held()


def test_the_shop_and_operators_read_what_it_pays(buy, merchant, client, django_user_model):
    from tests.operators import make_boss
    from tests.shops import join_team

    sell("sold", **FREE)
    order = buy(merchant, 60_000, at=AT, product="sold")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=AT)
    client.force_login(make_boss("boss@kvart.example"))
    page = client.get(reverse("admin:checkout_order_change", args=[order.pk])).content.decode()
    assert "Interest paid by the shop" in page
    assert "37.25" in page
    client.force_login(join_team(merchant, "owner@nordlys.example", "owner").user)
    page = client.get(reverse("merchant_order", args=[order.public_id])).content.decode()
    assert "Interest for your customer" in page
    assert "37.25" in page
