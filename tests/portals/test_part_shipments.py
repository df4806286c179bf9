"""What a consumer sees of an order that ships in parts: every payment by date, counted so, each with its shipment."""

import re
from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from core import relay
from core.clock import local_date
from core.formats import day_text
from notifications.letters import compose_briefs
from notifications.queries import list_inbox
from plans.models import Installment
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = timedelta(days=7)


@pytest.fixture
def parts(buy, merchant, moment):
    """An order of 229.00 of which 100.00 and a week later 80.00 were shipped; 49.00 was not."""
    order = buy(merchant, 22_900, moment)
    for number, amount in enumerate((10_000, 8_000)):
        at = moment + number * WEEK
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=amount, actor="test", at=at)
        collection.run_due(at=at)
    return order


def test_all_payments_are_listed_by_date_with_their_shipment(client, sign_in, parts):
    rows = list(Installment.objects.filter(plan=parts.plan_id).order_by("due_date", "number"))
    assert [row.number for row in rows] == [1, 5, 2, 6, 3, 7, 4, 8]
    sign_in(client, parts.consumer)
    page = client.get(f"/purchases/{parts.public_id}")
    titles = [item["title"] for item in page.context["timeline"]]
    assert titles == [f"{place} of 8" for place in range(1, 9)]
    sent = [day_text(row.start_date, "en_US", "short") for row in rows]
    shipments = [next(note for note in item["notes"] if "shipment" in note) for item in page.context["timeline"]]
    assert shipments == [f"For shipment {number}, sent {day}" for number, day in zip([1, 2] * 4, sent, strict=True)]
    assert [item["tone"] for item in page.context["timeline"]] == ["good", "good", "now", "", "", "", "", ""]
    shown = text(page)
    assert shown.count("Nordlys Lamps shipped a part of your order") == 2
    assert re.search(r"Not shipped yet \$49\.00", shown)
    paying = text(client.get(f"/purchases/{parts.public_id}/pay"))
    assert f"3 of 8, due {day_text(rows[2].due_date, 'en_US')} · For shipment 1, sent {sent[0]}" in paying
    assert "3 of 8" in text(client.get("/home"))


def test_letters_count_as_the_page_does(parts, moment):
    relay.drain()
    due = Installment.objects.get(plan=parts.plan_id, number=6)
    assert due.due_date == local_date(moment + 3 * WEEK, parts.plan.time_zone)
    collection.run_due(at=moment + 3 * WEEK)
    relay.drain()
    briefs = compose_briefs(list_inbox(parts.consumer))
    received = [re.search(r"payment (\S+) of (\d)", brief.text).groups() for brief in briefs if brief.kind == "payment_received"]
    assert sorted(received) == [("1", "8"), ("2", "8"), ("3", "8"), ("4", "8")]


def test_one_shipment_is_not_called_a_part(client, sign_in, bought):
    order = bought(22_900, charge=True)
    sign_in(client, order.consumer)
    page = client.get(f"/purchases/{order.public_id}")
    assert [item["title"] for item in page.context["timeline"]] == [f"{place} of 4" for place in range(1, 5)]
    for words in ("hipment", "a part of", "Not shipped yet"):
        assert words not in text(page)
