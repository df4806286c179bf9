"""Plans that bear fees."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from markets.queries import fee_rows

DAY = timedelta(days=1)


@pytest.fixture
def fees():
    """Let plans agree on the fees of their markets, as the product comes."""
    fee_rows.forget()
    yield
    fee_rows.keep([])


@pytest.fixture
def late(fees, buy, merchant, at):
    """An order in four payments whose first one was paid and whose second one is late since eleven days; `late.at` is that evening."""
    order = buy(merchant, 16_000, email="late+approve@people.example")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    collection.run_due(at=at)
    order.at = at + 25 * DAY
    collection.mark_plan_overdue(plan_id=order.plan_id, at=order.at)
    return order
