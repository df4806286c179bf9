"""What the demo shop believes: signed webhooks only, each once; and what was lost, it asks for."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook

from tests.shop.conftest import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def read(street, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(street.folder / "shop.sqlite3", timeout=30)) as db:
        return db.execute(sql).fetchall()


def secret_of(street) -> str:
    return wait_for(lambda: [row[0] for row in read(street, "SELECT secret FROM account WHERE shop = 'nordlys'") if row[0]])[0]


def event(sequence: int, reference: str = "NL-1", **data: Any) -> dict[str, Any]:
    order = {"order_id": "ord_1", "merchant_reference": reference, "status": "authorized", "captured": 0, "refunded": 0}
    return {
        "id": f"evt_{sequence}",
        "sequence": sequence,
        "type": "order.authorized",
        "created_at": "2026-11-22T09:30:00.000Z",
        "data": order | data,
    }


def send(street, body: bytes, secret: str, *, event_id: str, at: datetime | None = None) -> int:
    at = at or datetime.now(UTC)
    signature = Webhook(secret).sign(event_id, at, body.decode())
    headers = {"webhook-id": event_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
    return requests.post(f"{street.url}/nordlys/webhooks", data=body, headers=headers, timeout=30).status_code


def test_only_genuine_webhooks_count_and_each_counts_once(street):
    street.start("web", "shop")
    secret, body, now = secret_of(street), json.dumps(event(1)).encode(), datetime.now(UTC)
    stranger = "whsec_c3RyYW5nZXJzdHJhbmdlcnN0cmFuZ2VyMTIzNDU2Nzg="
    assert requests.post(f"{street.url}/nordlys/webhooks", data=body, timeout=30).status_code == 400
    assert send(street, body, stranger, event_id="evt_1") == 400
    assert send(street, body, secret, event_id="evt_1", at=now - timedelta(minutes=6)) == 400
    assert send(street, body, secret, event_id="evt_2") == 400
    assert send(street, b"[1]", secret, event_id="evt_1") == 400
    assert read(street, "SELECT * FROM event") == []
    assert [send(street, body, secret, event_id="evt_1") for _ in range(3)] == [204, 204, 204]
    assert read(street, "SELECT sequence, heard FROM event") == [(1, "webhook")]


def test_the_endpoint_is_registered_once_and_a_lost_secret_is_replaced(street):
    street.start("web", "shop")
    first = secret_of(street)
    street.stop("shop")
    street.start("shop")
    assert wait_for(lambda: secret_of(street)) == first
    street.stop("shop")
    for part in street.folder.glob("shop.sqlite3*"):
        part.unlink()
    street.start("shop")
    assert secret_of(street) != first
    endpoints = street.call("GET", "webhook_endpoints")["data"]
    assert [one["url"] for one in endpoints] == [f"{street.url}/nordlys/webhooks"]


def test_what_happened_while_the_shop_was_away_is_asked_for(street, customer):
    street.start("web", "shop")
    secret_of(street)
    customer.post("/nordlys/basket", product="arc", quantity="1")
    customer.pay()
    checkout = street.call("GET", "checkouts")["data"][0]
    street.stop("shop")
    order = street.complete(checkout["id"])["order"]
    street.call("POST", f"orders/{order['id']}/captures", {"amount": 22_900})
    street.start("worker")
    wait_for(lambda: len(street.call("GET", "events")["data"]) == 2)
    street.start("shop")
    wait_for(lambda: read(street, "SELECT status FROM purchase") == [("captured",)])
    assert read(street, "SELECT type FROM event ORDER BY sequence") == [("order.authorized",), ("order.captured",)]
    assert read(street, "SELECT heard_to FROM account WHERE shop = 'nordlys'") == [(2,)]
    assert read(street, "SELECT count(*) FROM basket") == [(0,)]


def test_events_out_of_order_are_listed_in_order_and_the_latest_one_holds(storefront, tmp_path):
    from storefront.store import Purchase, Store

    store = Store(tmp_path / "shop.sqlite3")
    store.adopt("nordlys", "mark")
    items = [{"sku": "arc", "quantity": 1}]
    store.add_purchase(
        Purchase("NL-1", "t", "v", "nordlys", "USD", 1, items, {}, "k", "started", None, None, None, captured=0, refunded=0, version=0)
    )
    assert store.hear("nordlys", event(3, status="captured", captured=1), "webhook").status == "captured"
    assert store.account("nordlys").heard_to == 0
    assert store.hear("nordlys", event(1), "webhook") is None
    assert store.account("nordlys").heard_to == 1
    assert store.hear("nordlys", event(2, reference="other"), "asked") is None
    assert store.hear("nordlys", event(2, reference="other"), "webhook") is None
    assert store.account("nordlys").heard_to == 3
    purchase = store.find_purchase("NL-1")
    assert (purchase.status, purchase.captured, purchase.version) == ("captured", 1, 1)
    assert [(one.sequence, one.heard) for one in store.events(purchase)] == [(1, "webhook"), (3, "webhook")]
    store.adopt("nordlys", "another account")
    assert store.events(purchase) == []
    assert store.account("nordlys").heard_to == 0
    store.close()
