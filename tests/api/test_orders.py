"""Orders: from checkout without a browser to capture, refund, void and extension."""

import pytest

from checkout.models import Capture, Order, Refund
from core import clock, relay
from plans import services as plans
from plans.documents.writing import VERSION
from plans.models import Plan
from tests.api.counting import statements
from tests.shops import basket

pytestmark = pytest.mark.usefixtures("sandbox_world")
VISA = "4242 4242 4242 4242"
ORDER_KEYS = {
    *(
        "id",
        "status",
        "declined",
        "merchant_reference",
        "checkout_id",
        "currency",
        "amount",
        "captured",
        "refunded",
        "released",
        "remaining_authorized",
        "refundable",
    ),
    *("same_reference", "expires_at", "ship_safe_until", "created_at", "plan", "captures", "refunds", "postponements", "goods_return"),
}


def complete(api, checkout, *, email="ann+approve@example.com", product="pay_in_4", card=VISA):
    return api.post(f"sandbox/checkouts/{checkout}/complete", {"email": email, "product": product, "card": card})


def buy(api, amount=22_900, *, email="ann+approve@example.com", product="pay_in_4", card=VISA, **changes):
    checkout = api.post("checkouts", basket(amount=amount, items=[], **changes)).json()["id"]
    return complete(api, checkout, email=email, product=product, card=card)


@pytest.fixture
def order(api):
    body = buy(api).json()
    assert body["outcome"] == "authorized", body
    return body["order"]


def test_completed_checkout_is_an_authorized_order(api, order):
    assert set(order) == ORDER_KEYS
    assert (order["status"], order["amount"], order["remaining_authorized"], order["captured"]) == ("authorized", 22_900, 22_900, 0)
    assert order["ship_safe_until"] < order["expires_at"]
    assert (order["plan"]["status"], order["plan"]["product"], order["plan"]["apr"]) == ("pending", "pay_in_4", 0)
    assert [(row["amount"], row["status"]) for row in order["plan"]["installments"]] == [(5_725, "scheduled")] * 4
    assert api.get(f"orders/{order['id']}").json() == order
    checkout = api.get(f"checkouts/{order['checkout_id']}").json()
    assert (checkout["status"], checkout["order_id"]) == ("completed", order["id"])


def test_the_sandboxs_consumer_agrees_to_the_agreement_of_the_page(order):
    agreement = Plan.objects.get().agreement
    assert agreement["version"] == VERSION
    assert "$57.25" in agreement["text"]


def test_capture_in_parts(api, order, problem):
    first = api.post(f"orders/{order['id']}/captures", {"amount": 10_000})
    assert first.status_code == 201
    assert (first.json()["amount"], first.json()["order_id"], first.json()["refunded"]) == (10_000, order["id"], 0)
    now = api.get(f"orders/{order['id']}").json()
    assert (now["status"], now["captured"], now["remaining_authorized"], now["refundable"]) == (
        "partially_captured",
        10_000,
        12_900,
        10_000,
    )
    assert [capture["id"] for capture in now["captures"]] == [first.json()["id"]]
    problem(api.post(f"orders/{order['id']}/captures", {"amount": 12_901}), 422, "order.capture_too_large", "amount")
    assert api.post(f"orders/{order['id']}/captures", {"amount": 12_900}).status_code == 201
    now = api.get(f"orders/{order['id']}").json()
    assert (now["status"], now["remaining_authorized"], now["expires_at"]) == ("captured", 0, None)
    problem(api.post(f"orders/{order['id']}/captures", {"amount": 1}), 409, "order.not_capturable")
    assert Capture.objects.count() == 2


@pytest.mark.parametrize("amount", [0, -1, 1.5, "1", True, None, [], 10**12 + 1, 2**80])
@pytest.mark.parametrize("call", ["captures", "refunds"])
def test_bad_amounts_move_nothing(api, order, problem, amount, call):
    api.post(f"orders/{order['id']}/captures", {"amount": 10_000})
    problem(api.post(f"orders/{order['id']}/{call}", {"amount": amount}), 422, "invalid", "amount")
    problem(api.post(f"orders/{order['id']}/{call}", {}), 422, "invalid", "amount")
    assert (Capture.objects.count(), Refund.objects.count()) == (1, 0)


def test_repeated_capture_captures_once(api, order):
    answers = [api.post(f"orders/{order['id']}/captures", {"amount": 10_000}, key="c-1") for _ in range(3)]
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    assert [answer.get("Idempotent-Replayed") for answer in answers] == [None, "true", "true"]
    assert Order.objects.get().captured_minor == 10_000


def test_refund_dry_then_real(api, order, problem):
    path = f"orders/{order['id']}/refunds"
    problem(api.post(path, {"amount": 1, "reason": "x"}), 409, "order.nothing_captured")
    api.post(f"orders/{order['id']}/captures", {"amount": 22_900})
    dry = api.post(path, {"amount": 10_000, "reason": "Too bright", "dry_run": True})
    assert (dry.status_code, dry.json()["id"], dry.json()["dry_run"], dry.json()["refundable"]) == (200, None, True, 12_900)
    assert Refund.objects.count() == 0
    assert sum(row["amount"] for row in dry.json()["schedule"]["before"]) == 22_900
    assert sum(row["amount"] for row in dry.json()["schedule"]["after"] if row["status"] != "canceled") == 12_900
    real = api.post(path, {"amount": 10_000, "reason": "Too bright"})
    assert real.status_code == 201
    assert real.json()["schedule"] == dry.json()["schedule"]
    assert (real.json()["canceled"], real.json()["returned"]) == (10_000, 0)
    now = api.get(f"orders/{order['id']}").json()
    assert (now["refunded"], now["refundable"], now["refunds"][0]["id"]) == (10_000, 12_900, real.json()["id"])
    problem(api.post(path, {"amount": 12_901, "reason": ""}), 422, "order.refund_too_large", "amount")
    problem(api.post(path, {"amount": 1, "capture_id": "cap_x"}), 422, "order.unknown_capture", "capture_id")
    problem(api.post(path, {"amount": 1, "dry_run": "yes"}), 422, "invalid", "dry_run")
    assert Refund.objects.count() == 1


def test_void_and_extend(api, order, problem):
    assert api.post(f"orders/{order['id']}/extend").status_code == 200
    voided = api.post(f"orders/{order['id']}/void")
    assert (voided.status_code, voided.json()["status"], voided.json()["remaining_authorized"]) == (200, "voided", 0)
    assert {row["status"] for row in voided.json()["plan"]["installments"]} == {"canceled"}
    assert voided.json()["ship_safe_until"] is None
    problem(api.post(f"orders/{order['id']}/extend"), 409, "order.not_extendable")
    problem(api.post(f"orders/{order['id']}/captures", {"amount": 1}), 409, "order.not_capturable")


def test_void_after_capture_is_refused(api, order, problem):
    api.post(f"orders/{order['id']}/captures", {"amount": 1})
    problem(api.post(f"orders/{order['id']}/void"), 409, "order.not_voidable")
    assert Order.objects.get().status == "partially_captured"


def test_the_rest_is_released(api, order, problem):
    path = f"orders/{order['id']}/release"
    problem(api.post(path), 409, "order.nothing_captured")
    api.post(f"orders/{order['id']}/captures", {"amount": 10_000})
    problem(api.post(path, {"amount": 1}), 400, "body.not_expected")
    assert Order.objects.get().status == "partially_captured"
    answers = [api.post(path, key="r-1"), api.post(path, key="r-1"), api.post(path, key="r-2")]
    for answer in answers:
        now = answer.json()
        assert (answer.status_code, now["status"], now["expires_at"]) == (200, "captured", None)
        assert [now[name] for name in ("amount", "captured", "released", "remaining_authorized", "refundable")] == [
            22_900,
            10_000,
            12_900,
            0,
            10_000,
        ]
    assert [answer.get("Idempotent-Replayed") for answer in answers] == [None, "true", None]
    assert [row["amount"] for row in now["plan"]["installments"]] == [2_500] * 4
    problem(api.post(f"orders/{order['id']}/captures", {"amount": 1}), 409, "order.not_capturable")
    full = buy(api, 5_000, email="bob+approve@example.com", capture="automatic").json()["order"]
    problem(api.post(f"orders/{full['id']}/release"), 409, "order.not_releasable")


def test_strangers_orders_do_not_exist(order, stranger, problem):
    for path, body in [("captures", {"amount": 1}), ("refunds", {"amount": 1}), ("void", None), ("release", None), ("extend", None)]:
        problem(stranger.post(f"orders/{order['id']}/{path}", body), 404, "not_found")
    problem(stranger.get(f"orders/{order['id']}"), 404, "not_found")
    problem(stranger.get("sandbox/gateway/charges", order=order["id"]), 404, "not_found")
    assert stranger.get("orders").json()["data"] == []
    assert Order.objects.get().status == "authorized"


def test_automatic_capture(api):
    body = buy(api, capture="automatic", product="pay_in_30").json()
    assert (body["outcome"], body["order"]["status"], body["order"]["captured"]) == ("authorized", "captured", 22_900)


@pytest.mark.parametrize(
    ("email", "outcome"),
    [
        ("bob+approve@example.com", "authorized"),
        ("bob+decline@example.com", "declined"),
        ("bob+refer@example.com", "pending_review"),
        ("bob+kyc_fail@example.com", "declined"),
        ("bob+fraud_hold@example.com", "pending_review"),
    ],
)
def test_personas(api, email, outcome):
    answer = buy(api, email=email)
    body = answer.json()
    assert (answer.status_code, body["outcome"]) == (200, outcome), body
    assert (body["order"] is None) == (outcome == "declined")
    if outcome == "declined":
        assert body["reasons"]
        assert Order.objects.count() == 0
    expected = {"bob+decline@example.com": "credit", "bob+kyc_fail@example.com": "identity"}.get(email)
    assert [one["declined"] for one in api.get("checkouts").json()["data"]] == [expected]


def test_refused_cards_are_outcomes(api):
    for card in ("4000000000000002", "4000 0000 0000 9995"):
        body = buy(api, email=f"c{card[-4:]}+approve@example.com", card=card).json()
        assert (body["outcome"], body["order"]) == ("declined", None)
        assert body["reasons"]
    assert Order.objects.count() == 0


def test_above_the_order_limit_is_held(api):
    body = buy(api, 120_000).json()
    assert (body["outcome"], body["order"]["status"]) == ("pending_review", "pending_review")
    assert buy(api, 50_000).json()["outcome"] == "declined"


def test_what_cannot_be_completed(api, stranger, problem):
    checkout = api.post("checkouts", basket()).json()["id"]
    problem(complete(api, checkout, product="pay_in_9"), 422, "plans.not_offered", "product")
    problem(complete(api, checkout, email="nobody"), 422, "invalid", "email")
    problem(complete(api, checkout, card="4242"), 422, "invalid", "card")
    problem(complete(stranger, checkout), 404, "not_found")
    api.post(f"checkouts/{checkout}/expire")
    problem(complete(api, checkout), 409, "checkout.not_open")
    assert Order.objects.count() == 0


def test_statements_do_not_grow_with_the_list(api):
    buy(api, 5_000)
    with statements() as one:
        api.get("orders")
    for _ in range(3):
        buy(api, 5_000)
    with statements() as many:
        listed = api.get("orders").json()["data"]
    assert len(listed) == 4
    assert (len(one), len(many)) == (7, 7)
    assert len(api.get("orders", status="voided").json()["data"]) == 0
    assert len(api.get("orders", merchant_reference="A-1001").json()["data"]) == 4


def test_a_shop_hears_of_a_return_and_takes_nothing_back(api, order, stranger):
    path = f"orders/{order['id']}"
    api.post(f"{path}/captures", {"amount": 22_900})
    assert api.get(path).json()["goods_return"] is None
    assert api.post(f"{path}/deny_return", {"reason": "missing"}).json()["code"] == "plans.no_return"
    plan = Plan.objects.get()
    plans.send_back(plan_id=plan.pk, tracking="JD 1", actor=plan.consumer.public_id, at=clock.now())
    assert stranger.post(f"{path}/deny_return", {"reason": "missing"}).status_code == 404
    assert api.post(f"{path}/deny_return", {"reason": "lost"}).status_code == 422
    shown = api.get(path).json()["goods_return"]
    assert [shown[name] for name in ("tracking", "ended_at", "ended_by", "reason")] == ["JD 1", None, None, None]
    answers = [api.post(f"{path}/deny_return", {"reason": "missing"}, key="once").json()["goods_return"] for _ in range(2)]
    assert [(one["ended_by"], one["reason"]) for one in answers] == [("denied", "missing")] * 2
    relay.drain()
    told = [event for event in api.get("events").json()["data"] if event["type"].startswith("return.")]
    assert [event["type"] for event in told] == ["return.started", "return.ended"]
    assert (told[0]["data"]["order_id"], told[1]["data"]["goods_return"]["reason"]) == (order["id"], "missing")
