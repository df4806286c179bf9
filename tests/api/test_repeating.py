"""What was sent twice: a sale under the same reference, a call without a key. The shop and the person hear of it."""

import pytest

from checkout import services as checkouts
from checkout.models import Capture, Checkout, Order, Refund
from core import clock
from tests.api.test_orders import buy
from tests.shops import basket

pytestmark = pytest.mark.usefixtures("sandbox_world")
MISSING = {"code": "idempotency.key_missing"}


def codes(body) -> list[str]:
    return [warning["code"] for warning in body.get("warnings", [])]


def test_a_second_sale_under_one_reference_is_told(api, stranger):
    first = api.post("checkouts", basket(), key="one").json()
    assert (first["same_reference"], "warnings" in first) == ([], False)
    assert stranger.post("checkouts", basket(), key="one").json()["same_reference"] == []
    answer = api.post("checkouts", basket(), key="two")
    second = answer.json()
    assert (second["same_reference"], codes(second), answer["X-Warning"]) == ([first["id"]], ["reference.in_use"], "reference.in_use")
    assert first["id"] in second["warnings"][0]["detail"]
    again = api.post("checkouts", basket(), key="two")
    assert (again.json(), again["X-Warning"], again["Idempotent-Replayed"]) == (second, "reference.in_use", "true")
    assert api.get(f"checkouts/{first['id']}").json()["same_reference"] == [second["id"]]
    assert [one["same_reference"] for one in api.get("checkouts").json()["data"]] == [[first["id"]], [second["id"]]]
    api.post(f"checkouts/{first['id']}/expire", key="end")
    assert api.get(f"checkouts/{second['id']}").json()["same_reference"] == []
    assert api.post("checkouts", basket(merchant_reference="A-1002"), key="three").json()["same_reference"] == []


def test_two_orders_under_one_reference_are_told_while_both_stand(api, shop):
    first = buy(api, 9_000).json()["order"]
    answer = buy(api, 9_000)
    second = answer.json()["order"]
    assert (second["same_reference"], codes(answer.json())) == ([first["id"]], ["reference.in_use"])
    assert [one["same_reference"] for one in api.get("orders").json()["data"]] == [[first["id"]], [second["id"]]]
    third = api.post("checkouts", basket(), key="three").json()
    assert third["same_reference"] == [second["id"], first["id"]]
    api.post(f"checkouts/{third['id']}/expire", key="e")
    # An order that was captured stands; one that was given back in full, or given up, does not.
    api.post(f"orders/{first['id']}/captures", {"amount": 9_000}, key="c")
    assert api.get(f"orders/{second['id']}").json()["same_reference"] == [first["id"]]
    api.post(f"orders/{first['id']}/refunds", {"amount": 9_000}, key="r")
    assert api.get(f"orders/{second['id']}").json()["same_reference"] == []
    assert api.get(f"orders/{first['id']}").json()["same_reference"] == [second["id"]]
    api.post(f"orders/{second['id']}/void", key="v")
    assert api.get(f"orders/{first['id']}").json()["same_reference"] == []


def money_calls(order: str, checkout: str):
    return {
        "checkouts": basket(merchant_reference="A-2"),
        f"checkouts/{checkout}/expire": None,
        f"orders/{order}/captures": {"amount": 1_000},
        f"orders/{order}/refunds": {"amount": 500},
        f"orders/{order}/extend": None,
        f"orders/{order}/void": None,
    }


@pytest.fixture
def sold(api, shop):
    """An order with something captured, and an open checkout."""
    order = buy(api, 9_000).json()["order"]["id"]
    api.post(f"orders/{order}/captures", {"amount": 3_000}, key="first")
    shop.origins = ["https://shop.example"]
    shop.save()
    return order, api.post("checkouts", basket(merchant_reference="A-3"), key="second").json()["id"]


def state():
    return (
        *(model.objects.count() for model in (Checkout, Capture, Refund)),
        *Order.objects.values_list("status", "captured_minor", "expires_at"),
        *Checkout.objects.order_by("id").values_list("status", flat=True),
    )


def test_in_live_mode_nothing_is_done_without_a_key(api, sold, settings, problem):
    settings.SANDBOX = False
    before = state()
    for path, body in money_calls(*sold).items():
        told = problem(api.post(path, body), 400, "idempotency.key_missing", "Idempotency-Key")
        assert "Idempotency-Key" in told["detail"]
    assert state() == before
    order, checkout = sold
    # Trying out moves nothing, and a change may be made again.
    assert api.post(f"orders/{order}/refunds", {"amount": 500, "dry_run": True}).status_code == 200
    assert api.patch(f"checkouts/{checkout}", {"metadata": {"a": 1}}).status_code == 200
    assert api.post(f"orders/{order}/refunds", {"amount": 500}, key="k").status_code == 201


def test_a_sandbox_does_it_and_warns(api, sold):
    for path, body in money_calls(*sold).items():
        if path.endswith("/void"):
            continue
        answer = api.post(path, body)
        assert (answer.status_code < 300, codes(answer.json()), answer["X-Warning"]) == (True, [MISSING["code"]], MISSING["code"]), path
    order = sold[0]
    dry = api.post(f"orders/{order}/refunds", {"amount": 1, "dry_run": True})
    keyed = api.post(f"orders/{order}/refunds", {"amount": 1}, key="k")
    assert [("warnings" in one.json(), one.has_header("X-Warning")) for one in (dry, keyed)] == [(False, False)] * 2


@pytest.mark.parametrize(("call", "model"), [("refunds", Refund), ("captures", Capture)])
def test_the_same_again_without_a_key_is_pointed_out(api, sold, call, model):
    path, count = f"orders/{sold[0]}/{call}", model.objects.count()
    first = api.post(path, {"amount": 700})
    assert codes(first.json()) == ["idempotency.key_missing"]
    again = api.post(path, {"amount": 700})
    assert codes(again.json()) == ["order.same_as_before", "idempotency.key_missing"]
    assert again["X-Warning"] == "order.same_as_before, idempotency.key_missing"
    assert first.json()["id"] in again.json()["warnings"][0]["detail"]
    assert codes(api.post(path, {"amount": 701}).json()) == ["idempotency.key_missing"]
    assert "warnings" not in api.post(path, {"amount": 700}, key="meant").json()
    assert model.objects.count() == count + 4


def test_the_event_of_a_second_order_names_the_first(buy, merchant, at):
    from webhooks.handlers import on_order
    from webhooks.models import MerchantEvent

    first = buy(merchant, 9_000)
    second = buy(merchant, 9_000)
    from checkout.services.authorizing import order_authorized

    for order in (first, second):
        on_order(order_authorized(order), at=at)
    told = {event.data["order_id"]: event.data["same_reference"] for event in MerchantEvent.objects.filter(type="order.authorized")}
    assert told == {first.public_id: [second.public_id], second.public_id: [first.public_id]}


def test_the_person_and_the_shop_read_of_it(buy, merchant, client, django_user_model):
    from portals import sessions
    from simulation.shopper import identify

    at = clock.now()
    first = buy(merchant, 9_000, at=at, merchant_reference="1001")
    checkout = buy.open(merchant, 9_000, at=at, merchant_reference="1001")
    consumer = identify(checkout=checkout, email="anna+approve@people.example", at=at)
    checkouts.decide(checkout_id=checkout.id, at=at)
    session = client.session
    session[sessions.CONSUMER] = consumer.public_id
    session[sessions.SINCE] = at.isoformat()
    session.save()
    page = client.get(f"/checkout/{checkout.public_id}/pay", {"plan": "pay_in_4"}).content.decode()
    assert ("You have bought this before." in page, "$90.00" in page) == (True, True)
    second = buy.finish(checkout, at=at).order
    page = client.get(f"/purchases/{second.public_id}").content.decode()
    assert ("two purchases under this order number" in page, f"/purchases/{first.public_id}" in page) == (True, True)
    from merchants.models import Membership

    owner = django_user_model.objects.create_user("o@nordlys.example", "demo-password")
    Membership.objects.create(user=owner, merchant=merchant, role="viewer", added_at=at)
    client.force_login(owner)
    page = client.get(f"/merchant/orders/{second.public_id}").content.decode()
    assert ("more than one sale" in page, f"/merchant/orders/{first.public_id}" in page) == (True, True)
    checkouts.void_order(order_id=first.id, merchant=merchant, actor="test", at=at)
    assert "more than one sale" not in client.get(f"/merchant/orders/{second.public_id}").content.decode()
