"""Bad days: hanging up after recording, failing, slowness, restarts, and events that repeat."""

import signal
import time

import pytest
import requests
from standardwebhooks import Webhook

SECRET = "whsec_c2FuZGJveF9ldmVudHNfc2VjcmV0XzAwMDE="


def test_hang_up_after_recording_then_look_up_settles_it(world):
    method = world.method()
    world.chaos(target="gateway", match="charges", hang_up_after_recording=2)
    for key in ("a", "b"):
        with pytest.raises(requests.ConnectionError):
            world.charge(method, key=key)
    assert world.charge(method, key="c")["status"] == "succeeded"
    found = world.get("/gateway/v1/charges", idempotency_key="a")["data"]
    assert [charge["status"] for charge in found] == ["succeeded"]
    assert world.charge(method, key="a") == found[0]
    assert [charge["idempotency_key"] for charge in world.get("/gateway/v1/charges")["data"]] == ["a", "b", "c"]


def test_hang_up_before_recording_leaves_nothing(world):
    method = world.method()
    world.chaos(target="gateway", match="charges", hang_up_before_recording=1)
    with pytest.raises(requests.ConnectionError):
        world.charge(method, key="a")
    assert world.get("/gateway/v1/charges")["data"] == []
    assert world.charge(method, key="a")["status"] == "succeeded"


def test_failing_records_nothing(world):
    method = world.method()
    world.chaos(target="all", fail_rate=1.0)
    assert world.charge(method, key="a", status=503)["error"]["code"] == "unavailable"
    world.chaos(target="all")
    assert world.get("/gateway/v1/charges")["data"] == []


def test_latency_does_not_hold_up_others(world):
    world.chaos(target="bureau", latency_ms=400)
    begin = time.monotonic()
    world.get("/kyc/v1/checks", reference="x")
    quick = time.monotonic() - begin
    world.get("/bureau/v1/reports", reference="x")
    assert quick < 0.3
    assert time.monotonic() - begin > 0.4


def test_unknown_chaos_is_refused(world):
    assert world.post("/control/chaos", {"target": "gateway", "meteor": 1}, status=400)["error"]["field"] == "meteor"
    assert world.post("/control/chaos", {"target": "moon"}, status=400)["error"]["field"] == "target"
    assert world.get("/control/chaos") == {"rules": []}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_everything_is_remembered_over_restarts(own_server, number):
    method = own_server.method()
    charges = [own_server.charge(method, key=str(key)) for key in range(30)]
    own_server.post("/control/clock", {"offset_seconds": 86400}, status=200)
    code = own_server.stop(number)
    assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    begin = time.monotonic()
    own_server.start()
    assert time.monotonic() - begin < 15
    assert own_server.get("/gateway/v1/charges")["data"] == charges
    assert own_server.get("/control/clock")["offset_seconds"] == 86400
    assert own_server.charge(method, key="3") == charges[3]
    assert own_server.charge(method)["id"] not in {charge["id"] for charge in charges}


def test_events_are_signed_and_retried(world, ear):
    world.post("/control/events", {"url": ear.url}, status=200)
    ear.refuse = 1
    method = world.method(email="a+dispute@example.com")
    charge = world.charge(method)
    world.charge(world.method("4000000000000341"), status=402)
    world.post("/gateway/v1/refunds", {"charge": charge["id"], "amount": 100, "reference": "r"}, "r")
    world.post("/gateway/v1/payouts", {"amount": 5, "currency": "USD", "destination": "d", "reference": "p"}, "p")
    events = ear.wait_for(5)
    assert sorted(event["type"] for event in events) == [
        "charge.failed",
        "charge.succeeded",
        "dispute.created",
        "payout.paid",
        "refund.succeeded",
    ]
    for headers, body in ear.heard:
        assert Webhook(SECRET).verify(body.decode(), headers) is not None
    assert next(event["data"] for event in events if event["type"] == "charge.succeeded") == charge


def test_events_repeat_with_the_same_id(world, ear):
    world.post("/control/events", {"url": ear.url}, status=200)
    world.chaos(target="gateway", repeat_events=2, shuffle_events=True)
    world.charge(world.method())
    ear.wait_for(3)
    assert len({headers["webhook-id"] for headers, _ in ear.heard}) == 1


def test_slow_listener_never_delays_a_charge(world, ear):
    ear.slow_s = 0.5
    world.post("/control/events", {"url": ear.url}, status=200)
    method = world.method()
    begin = time.monotonic()
    for _ in range(20):
        world.charge(method)
    assert time.monotonic() - begin < 1.5


def test_without_an_address_no_events_are_kept(world):
    world.charge(world.method())
    assert world.get("/gateway/v1/events")["data"] == []
