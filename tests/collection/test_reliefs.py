"""What came of relief: who pays again, by the month of the relief and its kind."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from collection.reliefs import Relieved, list_relieved
from plans import services as plans
from plans.hardship import Answers
from plans.models import Installment
from tests.cast import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SOME, NONE = Answers("income", "longer", can_pay=True), Answers("income", "month", can_pay=False)


@pytest.fixture
def eased(buy, merchant):
    """Give a function that buys, ships, and chooses relief on the next day."""

    def do(kind, answers):
        order = buy(merchant, 20_000)
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
        plans.choose_relief(plan_id=order.plan_id, kind=kind, answers=answers, actor="test", at=NOW + DAY)
        return order

    return do


def listed(at, **told):
    return list_relieved(market="US", since=(NOW - DAY).date(), day=at.date(), **told)


def test_nobody_is_cured_before_anything_fell_due(eased):
    eased("pause", NONE)
    (found,) = listed(NOW + 2 * DAY)
    assert (found.kind, found.count, found.early, found.cured_bps) == ("pause", 1, 1, None)
    assert listed(NOW + 2 * DAY, brand="nobody") == []


def test_who_is_late_again_is_not_cured_and_who_pays_is(eased):
    late = eased("smaller", SOME)
    first = min(Installment.objects.filter(plan=late.plan_id, status="scheduled").values_list("due_date", flat=True))
    at = NOW + timedelta(days=(first - NOW.date()).days + 2)
    plans.mark_late(at=at, limit=100)
    collection.close_days(at=NOW + DAY)
    collection.close_days(at=at)
    (found,) = listed(at)
    assert found == Relieved(found.month, "smaller", late=1)
    assert found.cured_bps == 0
    collection.run_due(at=at)
    collection.close_days(at=at + DAY)
    (found,) = listed(at + DAY)
    assert (found.on_time, found.late, found.cured_bps) == (1, 0, 10_000)
