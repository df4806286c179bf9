"""Events, endpoints and deliveries through the API."""

import pytest

from core.clock import wall
from tests.shops import AT
from webhooks.models import Delivery, Endpoint
from webhooks.services import record_event

HERE = "http://127.0.0.1:9/hooks"


@pytest.fixture
def events(shop, stranger_shop):
    for number in range(5):
        record_event(merchant_id=shop.id, event_type="order.captured", source=f"cap_{number}", data={"order_id": f"ord_{number}"}, at=AT)
    record_event(merchant_id=stranger_shop.id, event_type="order.voided", source="ord_9", data={}, at=AT)


def test_events_come_in_order_without_gaps(api, events):
    page = api.get("events", after=1, limit=2).json()
    assert [(event["sequence"], event["type"], event["data"]) for event in page["data"]] == [
        (2, "order.captured", {"order_id": "ord_1"}),
        (3, "order.captured", {"order_id": "ord_2"}),
    ]
    assert page["next_cursor"] == "3"
    rest = api.get("events", cursor=page["next_cursor"]).json()
    assert ([event["sequence"] for event in rest["data"]], rest["next_cursor"]) == ([4, 5], None)
    assert set(rest["data"][0]) == {"sequence", "id", "type", "created_at", "data"}
    assert api.get(f"events/{rest['data'][0]['id']}").json() == rest["data"][0]


def test_strangers_events_do_not_exist(api, stranger, events, problem):
    mine = api.get("events").json()["data"][0]["id"]
    problem(stranger.get(f"events/{mine}"), 404, "not_found")
    assert [event["type"] for event in stranger.get("events").json()["data"]] == ["order.voided"]


def test_endpoint_from_making_to_removal(api, problem):
    made = api.post("webhook_endpoints", {"url": HERE, "events": ["order.captured"]})
    assert made.status_code == 201
    endpoint, secret = made.json()["id"], made.json()["secret"]
    assert secret.startswith("whsec_")
    shown = api.get(f"webhook_endpoints/{endpoint}").json()
    assert "secret" not in shown
    assert (shown["status"], shown["events"]) == ("enabled", ["order.captured"])
    rotated = api.post(f"webhook_endpoints/{endpoint}/rotate_secret").json()
    assert rotated["secret"] not in {secret, ""}
    changed = api.patch(f"webhook_endpoints/{endpoint}", {"events": [], "disabled": True}).json()
    assert (changed["events"], changed["status"]) == ([], "disabled")
    assert api.patch(f"webhook_endpoints/{endpoint}", {"disabled": False}).json()["status"] == "enabled"
    problem(api.patch(f"webhook_endpoints/{endpoint}", {}), 422, "invalid")
    assert api.delete(f"webhook_endpoints/{endpoint}").status_code == 204
    problem(api.get(f"webhook_endpoints/{endpoint}"), 404, "not_found")
    assert api.get("webhook_endpoints").json() == {"data": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "shop"}, "url"),
        ({"url": "https://10.0.0.1/hooks"}, "url"),
        ({"url": "ftp://shop.example"}, "url"),
        ({"url": HERE, "events": ["order.lost"]}, "events"),
        ({"url": HERE, "events": "order.captured"}, "events"),
        ({"url": HERE, "events": [1]}, "events[0]"),
        ({"url": HERE, "secret": "x"}, "secret"),
    ],
)
def test_bad_endpoint_is_named(api, problem, body, field):
    problem(api.post("webhook_endpoints", body), 422, field=field)
    assert Endpoint.objects.count() == 0


def test_deliveries_are_listed_and_sent_again(api, stranger, shop, problem):
    endpoint = api.post("webhook_endpoints", {"url": HERE}).json()["id"]
    for number in range(3):
        record_event(merchant_id=shop.id, event_type="order.captured", source=f"cap_{number}", data={}, at=AT)
    listed = api.get(f"webhook_endpoints/{endpoint}/deliveries", limit=2).json()
    assert [row["sequence"] for row in listed["data"]] == [3, 2]
    rest = api.get(f"webhook_endpoints/{endpoint}/deliveries", cursor=listed["next_cursor"]).json()
    assert ([row["sequence"] for row in rest["data"]], rest["next_cursor"]) == ([1], None)
    Delivery.objects.update(status="failed", tries=11)
    one = rest["data"][0]["id"]
    again = api.post(f"webhook_deliveries/{one}/resend").json()
    assert (again["status"], again["tries"], again["attempts"]) == ("waiting", 0, [])
    assert Delivery.objects.get(status="waiting").next_at <= wall()
    problem(stranger.get(f"webhook_deliveries/{one}"), 404, "not_found")
    problem(stranger.post(f"webhook_deliveries/{one}/resend"), 404, "not_found")
    problem(stranger.get(f"webhook_endpoints/{endpoint}/deliveries"), 404, "not_found")
    problem(stranger.delete(f"webhook_endpoints/{endpoint}"), 404, "not_found")
    api.patch(f"webhook_endpoints/{endpoint}", {"disabled": True})
    problem(api.post(f"webhook_deliveries/{one}/resend"), 409, "webhooks.endpoint_disabled")
