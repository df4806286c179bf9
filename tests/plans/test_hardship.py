"""Relief for people in hardship: what it makes of the payments, what it costs nobody, and when it is refused."""

from datetime import date, timedelta

import pytest

from checkout import services as checkouts
from checkout.models import Checkout
from checkout.services.histories import history_of
from collection import services as collection
from core.clock import local_date
from core.errors import Conflict
from core.models import OutboxEvent
from core.money import Money
from markets.models import MarketSetting
from markets.queries import PAYMENT_ORDER, order_rows
from payments.models import Charge
from plans import services as plans
from plans.hardship import Answers, reliefs_of, why_closed
from plans.models import Hardship, Installment, Plan, PlanChange
from plans.queries import installments_of, quote_early
from plans.rules.allocation import BUCKETS
from plans.rules.hardship import HardshipRules, offers_of, paused, smaller
from plans.rules.installments import InstallmentState
from plans.rules.schedule import ProductTerms
from reports.books import check_books
from simulation import shopper
from tests.cast import NOW
from tests.owner import as_owner

DAY = timedelta(days=1)
MONTH, LONGER = Answers("income", "month", can_pay=False), Answers("costs", "longer", can_pay=True)
PRICE_FIRST = sorted(BUCKETS, key=lambda name: not name.endswith("principal"))
TERMS = ProductTerms("monthly", 6, "monthly", rate_bps=1200)


def offenders() -> list:
    return [line for check in check_books() for line in check.offenders]


@pytest.fixture
def order(buy, merchant):
    """A purchase of 120 dollars in six months with interest, shipped."""
    made = buy(merchant, 60_000, product="monthly_6")
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
    return made


def rows_of(order) -> list[Installment]:
    return installments_of(Plan.objects.get(pk=order.plan_id))


def opened(order) -> list[tuple]:
    return [(row.number, row.due_date, row.open_minor, row.status) for row in rows_of(order) if row.status in Installment.OPEN]


def choose(order, kind, answers, at):
    return plans.choose_relief(plan_id=order.plan_id, kind=kind, answers=answers, actor=order.consumer.public_id, at=at)


@pytest.mark.parametrize(
    ("lasts", "can_pay", "offered"),
    [
        ("month", True, ["pause"]),
        ("month", False, ["pause"]),
        ("longer", True, ["smaller", "pause"]),
        ("unknown", True, ["smaller", "pause"]),
        ("longer", False, ["pause"]),
    ],
)
def test_what_is_offered_follows_from_the_answers(lasts, can_pay, offered):
    assert offers_of(lasts, can_pay=can_pay, open_count=3, rules=HardshipRules()) == offered


def test_a_market_may_offer_less():
    assert offers_of("longer", can_pay=True, open_count=3, rules=HardshipRules(pause_days=0)) == ["smaller"]
    assert offers_of("longer", can_pay=True, open_count=3, rules=HardshipRules(times=0)) == ["pause"]
    assert offers_of("longer", can_pay=True, open_count=12, rules=HardshipRules()) == ["pause"]


def test_late_payments_fall_due_from_today_and_others_keep_their_distance():
    dates = {1: date(2026, 6, 15), 2: date(2026, 6, 18), 3: date(2026, 6, 29)}
    assert paused(dates, 30, date(2026, 6, 18)) == {1: date(2026, 7, 18), 2: date(2026, 7, 18), 3: date(2026, 7, 29)}


def test_smaller_payments_keep_the_day_of_the_month_and_the_interest_that_accrued():
    states = [InstallmentState(n, date(2026, n + 1, 28 if n == 1 else 31 if n in {2, 4} else 30), 1_000, 10 * (4 - n)) for n in (1, 2, 3)]
    found = smaller(states, count=4, today=date(2026, 2, 28), terms=TERMS, start=date(2026, 1, 31))
    assert [day for day, _, _ in found.payments] == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)]
    assert [principal for _, principal, _ in found.payments] == [750] * 4
    assert [interest for _, _, interest in found.payments] == [30, 0, 0, 0]
    assert found.rebate_minor == 30


def test_a_pause_lets_nothing_be_late_and_the_books_hold(order, db):
    before = opened(order)
    late = NOW + timedelta(days=(before[0][1] - local_date(NOW, "UTC")).days + 5)
    plans.mark_late(at=late, limit=100)
    assert opened(order)[0][3] == "overdue"
    made = choose(order, "pause", MONTH, late)
    after = opened(order)
    assert after[0][1] == local_date(late, order.consumer.time_zone) + 30 * DAY
    assert [row[1] - was[1] for row, was in zip(after[1:], before[1:], strict=True)] == [30 * DAY] * 5
    assert [(row[2], row[3]) for row in after] == [(was[2], "scheduled") for was in before]
    change = PlanChange.objects.get(plan=order.plan_id, kind="pause")
    assert (change.reference, change.actor) == (made.public_id, order.consumer.public_id)
    assert OutboxEvent.objects.filter(name="plans.schedule_changed", payload__cause=made.public_id).count() == 1
    collection.run_due(at=late + 29 * DAY)
    assert not Charge.objects.exists()
    collection.run_due(at=late + 31 * DAY)
    assert Charge.objects.get().amount_minor == before[0][2]
    assert offenders() == []


def test_smaller_payments_end_interest_and_are_paid_to_the_end(order, db):
    at = NOW + 45 * DAY
    collection.run_due(at=at)
    owed = quote_early(Plan.objects.get(pk=order.plan_id), rows_of(order), scope="all", day=local_date(at, order.consumer.time_zone))
    made = choose(order, "smaller", LONGER, at)
    assert (made.kind, made.count) == ("smaller", 10)
    after = opened(order)
    assert len(after) == 10
    assert sum(row[2] for row in after) == owed.amount_minor
    plan = Plan.objects.get(pk=order.plan_id)
    assert (plan.terms.rate_bps, plan.product.terms.rate_bps > 0) == (0, True)
    assert offenders() == []
    # Nobody earns by paying early, or after a refund: no interest is left to drop.
    assert quote_early(plan, rows_of(order), scope="all", day=local_date(at, "UTC")).rebate_minor == 0
    checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=10_000, reason="", actor="test", at=at)
    assert sum(row[2] for row in opened(order)) == owed.amount_minor - 10_000
    for _, due, *_ in opened(order):
        collection.run_due(at=at + (due - local_date(at, "UTC") + DAY))
    assert Plan.objects.get(pk=order.plan_id).status == "completed"
    assert offenders() == []


def test_it_is_chosen_once_and_refused_where_it_was_not_offered(order, db):
    for kind, answers in (("smaller", MONTH), ("holiday", LONGER)):
        with pytest.raises(Conflict) as refused:
            choose(order, kind, answers, NOW + DAY)
        assert refused.value.code == "plans.hardship_not_offered"
    assert not Hardship.objects.exists()
    choose(order, "pause", LONGER, NOW + DAY)
    with pytest.raises(Conflict) as refused:
        choose(order, "smaller", LONGER, NOW + 2 * DAY)
    assert refused.value.code == "plans.hardship_used"
    with pytest.raises(Conflict) as refused:
        plans.move_date(plan_id=order.plan_id, number=2, to=opened(order)[1][1] + DAY, actor="test", at=NOW + 2 * DAY)
    assert refused.value.code == "plans.move_in_hardship"
    assert Hardship.objects.count() == 1


def test_a_plan_that_is_stopped_or_has_a_payment_on_its_way_is_left_alone(order, db):
    plans.stop_plan(plan_id=order.plan_id, at=NOW)
    with pytest.raises(Conflict) as refused:
        choose(order, "pause", MONTH, NOW + DAY)
    assert refused.value.code == "plans.hardship_closed"


def test_what_is_shown_is_what_is_given(order, db):
    plan, at = Plan.objects.get(pk=order.plan_id), NOW + 20 * DAY
    shown = {one.kind: one for one in reliefs_of(plan, rows_of(order), LONGER, at)}
    choose(order, "smaller", LONGER, at)
    assert [(row[1], row[2]) for row in opened(order)] == list(shown["smaller"].payments)


def test_what_was_too_small_to_be_charged_is_part_of_it(order, db):
    first = rows_of(order)[0]
    at = NOW + timedelta(days=(first.due_date - local_date(NOW, "UTC")).days)
    plan = Plan.objects.get(pk=order.plan_id)
    told = {"consumer": order.consumer, "method": plan.payment_method, "actor": "test", "at": at, "plan": plan}
    collection.pay_freely(amount=Money(first.open_minor - 30, "USD"), **told)
    collection.run_due(at=at + DAY)
    assert rows_of(order)[0].carried_at is not None
    owed = quote_early(plan, rows_of(order), scope="all", day=local_date(at + DAY, order.consumer.time_zone)).amount_minor
    choose(order, "smaller", LONGER, at + DAY)
    assert sum(row[2] for row in opened(order)) == owed
    assert offenders() == []


@pytest.mark.parametrize(("kind", "answers"), [("pause", MONTH), ("smaller", LONGER)])
def test_nobody_buys_more_while_a_purchase_with_relief_is_open(order, buy, merchant, db, kind, answers):
    late = NOW + timedelta(days=(rows_of(order)[0].due_date - local_date(NOW, "UTC")).days + 12)
    plans.mark_late(at=late, limit=100)
    choose(order, kind, answers, late)
    assert history_of(order.consumer)[0].eased_now == 1
    checkout = buy.open(merchant, 20_000)
    shopper.identify(checkout=checkout, email=order.consumer.email, at=NOW)
    Checkout.objects.filter(pk=checkout.pk).update(expires_at=late + DAY)
    decision = checkouts.decide(checkout_id=checkout.id, at=late)
    assert (decision.outcome, decision.reasons) == ("decline", ["eased_with_us"])
    for day in range(0, 600, 15):
        collection.run_due(at=late + day * DAY)
    assert history_of(order.consumer)[0].eased_now == 0


def test_interest_alone_of_a_shipment_stays_as_it_is(buy, merchant, db):
    value = {str(place): name for place, name in enumerate(PRICE_FIRST, 1)}
    with as_owner():
        MarketSetting.objects.create(market_id="US", key=PAYMENT_ORDER, value=value, valid_from=NOW.date(), source="test")
    order_rows.forget()
    made = buy(merchant, 60_000, product="monthly_6")
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=20_000, actor="test", at=NOW)
    at = NOW + 20 * DAY
    plan = Plan.objects.get(pk=made.plan_id)
    told = {"consumer": made.consumer, "method": plan.payment_method, "actor": "test", "at": at, "plan": plan}
    collection.pay_freely(amount=Money(20_000, "USD"), **told)
    left = opened(made)
    assert sum(row.principal_minor - row.paid_principal_minor for row in rows_of(made)) == 0
    assert left
    with pytest.raises(Conflict) as refused:
        choose(made, "smaller", LONGER, at)
    assert (refused.value.code, why_closed(plan, rows_of(made), at)) == ("plans.hardship_closed", "closed")
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    choose(made, "smaller", LONGER, at)
    assert [row for row in opened(made) if row[0] <= 6] == left
    assert offenders() == []
