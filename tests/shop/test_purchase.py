"""A purchase in the demo shop, from the lamp to the refund: real processes, the public API, no browser."""

import pytest
import requests

from tests.shop.conftest import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lamp_is_bought_paid_for_later_sent_and_partly_given_back(street, customer):
    street.start("web", "worker", "shop")
    assert "Arc desk lamp $229.00" in customer.text("/nordlys/").replace("Brushed brass, turning arm ", "")
    assert "899,00\N{NO-BREAK SPACE}kr." in customer.get("/trailhead/").text
    product = customer.get("/nordlys/products/arc").text
    assert 'amount="22900" currency="USD" locale="en-US"' in product
    assert street.key not in product

    assert customer.post("/nordlys/basket", product="arc", quantity="1").headers["Location"] == "/nordlys/basket"
    assert "Total $229.00" in customer.text("/nordlys/basket")
    missing = customer.pay(region="", email="anna")
    assert (missing.status_code, missing.headers["Location"]) == (303, "/nordlys/details?again=1")
    again = customer.text("/nordlys/details?again=1")
    for words in ("Something is missing. Nothing was sent yet.", "Enter your state", "Enter an e-mail address"):
        assert words in again
    assert 'value="anna"' in customer.get("/nordlys/details?again=1").text

    sent_on = customer.pay()
    assert sent_on.status_code == 303
    checkout = street.call("GET", "checkouts")["data"][0]
    assert sent_on.headers["Location"] == checkout["url"]
    assert (checkout["amount"], checkout["capture"], checkout["status"]) == (22_900, "manual", "open")
    assert checkout["items"] == [{"name": "Arc desk lamp", "quantity": 1, "unit_amount": 22_900, "amount": 22_900, "sku": "arc"}]
    reference, confirmation = checkout["merchant_reference"], checkout["urls"]["confirmation"]

    # Who comes back with nothing done finds the basket full, and presses the button again for the same checkout.
    back = customer.text(checkout["urls"]["cancel"])
    assert "Your basket is as you left it, and nothing was ordered or charged." in back
    assert customer.pay().headers["Location"] == checkout["url"]
    assert len(street.call("GET", "checkouts")["data"]) == 1

    order = street.complete(checkout["id"])["order"]
    # On a busy machine the shop's question may be answered later than it waits; the page asks again.
    wait_for(lambda: "Thank you, Anna" in customer.text(confirmation))
    page = customer.text(confirmation)
    assert page.count("$57.25") == 4
    assert "Your first payment is taken when we do." in page
    assert "Your basket is empty" in customer.text("/nordlys/basket")
    wait_for(lambda: "order.authorized event 1," in customer.text(confirmation))
    # On a busy machine the shop may have asked before the webhook came; it came all the same, and was taken.
    endpoint = street.call("GET", "webhook_endpoints")["data"][0]
    wait_for(
        lambda: [one["status"] for one in street.call("GET", f"webhook_endpoints/{endpoint['id']}/deliveries")["data"]] == ["delivered"]
    )

    street.call("POST", f"orders/{order['id']}/captures", {"amount": 22_900})
    wait_for(lambda: "It is on its way, Anna" in customer.text(confirmation))
    street.call("POST", f"orders/{order['id']}/refunds", {"amount": 2_900, "reason": "scratched"})
    wait_for(lambda: "We have given back $29.00." in customer.text(confirmation))
    assert f"{reference} Arc desk lamp Shipped $229.00" in customer.text("/nordlys/orders")


def test_a_large_order_is_in_review_and_a_stranger_sees_nothing_of_it(street, customer):
    street.start("web", "shop")
    customer.post("/nordlys/basket", product="polaris", quantity="1")
    customer.pay()
    checkout = street.call("GET", "checkouts")["data"][0]
    assert street.complete(checkout["id"])["outcome"] == "pending_review"
    confirmation = checkout["urls"]["confirmation"]
    wait_for(lambda: "Your order is being checked" in customer.text(confirmation))
    stranger = requests.get(f"{confirmation.rpartition('/')[0]}/{'x' * 22}", timeout=30)
    assert stranger.status_code == 404
    assert "Polaris" not in stranger.text
    assert "No orders yet" in requests.get(f"{street.url}/nordlys/orders", timeout=30).text


def test_nothing_is_ordered_while_the_platform_is_away_and_one_checkout_when_it_is_back(street, customer):
    street.start("shop")
    customer.post("/nordlys/basket", product="pebble", quantity="2")
    away = customer.pay()
    assert (away.status_code, away.headers["Location"]) == (303, "/nordlys/details?again=1")
    again = customer.text("/nordlys/details?again=1")
    assert "Nothing was ordered or charged." in again
    assert "Pebble table lamp × 2" in again
    street.start("web")
    assert street.call("GET", "checkouts")["data"] == []
    assert customer.pay().status_code == 303
    assert customer.pay().status_code == 303
    assert [checkout["amount"] for checkout in street.call("GET", "checkouts")["data"]] == [17_800]


def test_forms_of_other_pages_are_refused(street, customer):
    street.start("shop")
    customer.post("/nordlys/basket", product="arc", quantity="1")
    for foreign in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        refused = customer.session.post(f"{street.url}/nordlys/basket", data={"product": "arc", "set": "0"}, headers=foreign, timeout=30)
        assert refused.status_code == 403
    assert "Arc desk lamp" in customer.text("/nordlys/basket")


def test_odd_requests_get_a_plain_answer(street, customer):
    street.start("shop")
    for path in ("/nowhere/", "/nordlys/products/none", "/static/../shop.py", "/static/none.css", "/nordlys/orders/NL-1/x"):
        assert customer.get(path).status_code == 404, path
    assert customer.post("/nordlys/basket", product="arc", quantity="-1").status_code == 400
    assert customer.post("/nordlys/basket", product="arc", set="99999").status_code == 400
    assert customer.post("/nordlys/orders").status_code == 405
    assert requests.post(f"{street.url}/nordlys/basket", data=b"x" * 300_000, timeout=30).status_code == 413
    policy = customer.get("/nordlys/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
