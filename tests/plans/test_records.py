"""How people repaid, counted for many at once: late ones, what came on time since, and purchases without a blot."""

import pytest

from checkout import services as checkouts
from checkout.services.histories import history_of
from credit.rules import History
from plans.queries import repayment_counts
from plans.records import repayment_records
from tests.owner import tamper

pytestmark = pytest.mark.django_db
_PAY = """
    UPDATE plans_installment SET status = 'paid', paid_principal_minor = principal_minor, next_attempt_at = NULL,
        paid_at = due_date + make_interval(hours => 12, days => %s)
    WHERE plan_id = %s AND number = ANY(%s)"""


def bought(buy, merchant, at, who="anna"):
    order = buy(merchant, 20_000, at, email=f"{who}+approve@people.example")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return order


def pay(order, *numbers, days_late=0):
    tamper(_PAY, [days_late, order.plan_id, list(numbers)])


def test_each_counts_what_it_says_for_all_in_one_query(buy, merchant, at, django_assert_num_queries):
    clean, blotted, none = (bought(buy, merchant, at, who) for who in ("anna", "ben", "cleo"))
    pay(clean, 1, 2, 3, 4)
    pay(blotted, 1, 3)
    pay(blotted, 2, days_late=5)
    tamper("UPDATE plans_plan SET status = 'completed' WHERE id = ANY(%s)", [[clean.plan_id, blotted.plan_id]])
    who = [order.consumer.holder_id for order in (clean, blotted, none)]
    with django_assert_num_queries(1):
        found = repayment_records(who)
    assert [found[one] for one in who] == [
        {"main": History(4, 0, 0, clean_plans=1, on_time_run=4)},
        {"main": History(2, 1, 0, clean_plans=0, on_time_run=1)},
        {"main": History()},
    ]
    assert [repayment_counts(one) for one in who] == [(4, 0, 0), (2, 1, 0), (0, 0, 0)]


def test_nothing_is_on_time_in_a_row_while_a_payment_is_overdue(buy, merchant, at):
    order = bought(buy, merchant, at)
    pay(order, 1, 2)
    tamper("UPDATE plans_installment SET status = 'overdue' WHERE plan_id = %s AND number = 3", [order.plan_id])
    assert repayment_records([order.consumer.holder_id])[order.consumer.holder_id] == {"main": History(2, 0, 1)}
    assert history_of(order.consumer) == (History(2, 0, 1), ["late_with_us"])
