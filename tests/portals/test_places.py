"""Every day and time on a page is that of the person or the shop who reads it."""

from datetime import UTC, date, datetime

import pytest
from django.template import engines
from django.utils import timezone

from checkout import services as checkouts
from markets.models import MarketSetting
from markets.services import load_markets
from merchants.models import Membership
from plans.documents.laws import withdrawal_days
from tests.owner import as_owner
from tests.portals.merchant.conftest import join

pytestmark = pytest.mark.django_db(transaction=True)
EVENING = datetime(2026, 12, 1, 3, 30, tzinfo=UTC)
"""In New York it is still the last of November, half past ten in the evening."""


def test_a_day_is_seen_from_the_day_of_the_page():
    template = engines["django"].from_string("{% relative day %}")
    with timezone.override("Pacific/Honolulu"):
        assert template.render({"day": date(2026, 11, 30), "now": EVENING}) == "today"
    with timezone.override("Europe/Copenhagen"):
        assert template.render({"day": date(2026, 11, 30), "now": EVENING}) == "yesterday"


@pytest.mark.django_db
def test_withdrawal_follows_the_law_of_the_day_where_somebody_lives():
    """In a transaction that is rolled back: a market's settings stay when rows of tests are emptied."""
    load_markets()
    with as_owner():
        MarketSetting.objects.create(market_id="DK", key="withdrawal.days", value=21, valid_from=date(2026, 11, 21), source="a later law")
    assert (withdrawal_days("DK", "EU", date(2026, 11, 20)), withdrawal_days("DK", "EU", date(2026, 11, 21))) == (14, 21)


@pytest.fixture
def evening_order(buy, merchant):
    order = buy(merchant, 10_000, EVENING)
    for minor in (4_000, None):
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=minor, actor="test", at=EVENING)
    return order


def test_a_capture_is_named_by_the_day_of_the_shop(client, evening_order, merchant):
    client.force_login(join(merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/merchant/orders/{evening_order.public_id}/refund")
    assert [text for _, text in page.context["form"].fields["capture"].choices][1] == "$40.00 of Nov 30, $40.00 refundable"


def test_an_export_tells_the_time_of_the_shop(client, evening_order, merchant):
    client.force_login(join(merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    assert Membership.objects.count() == 1
    lines = client.get("/merchant/orders.csv").content.decode().splitlines()
    assert "2026-11-30T22:30:00-05:00" in lines[1]
