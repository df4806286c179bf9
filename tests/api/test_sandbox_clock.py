"""The sandbox's clock and gateway: time moves and everything due happens before the door answers."""

from datetime import datetime, timedelta

import pytest

from core import timers
from core.models import ClockOffset, IdempotentAnswer
from tests.shops import basket

pytestmark = [pytest.mark.usefixtures("sandbox_world"), pytest.mark.django_db(transaction=True)]


def buy(api, email="dan+approve@example.com", **changes):
    checkout = api.post("checkouts", basket(items=[], **changes)).json()["id"]
    answer = api.post(f"sandbox/checkouts/{checkout}/complete", {"email": email, "product": "pay_in_4", "card": "4242424242424242"})
    return answer.json()["order"]["id"]


@pytest.mark.parametrize(
    "body", [{}, {"forward_days": 0}, {"forward_days": -1}, {"forward_days": 1.5}, {"forward_days": "1"}, {"forward_days": 401}]
)
def test_bad_moves_are_refused(api, problem, body):
    before = api.get("sandbox/clock").json()["now"]
    problem(api.post("sandbox/clock", body), 422, "invalid", "forward_days")
    assert datetime.fromisoformat(api.get("sandbox/clock").json()["now"]) - datetime.fromisoformat(before) < timedelta(minutes=1)
    assert not ClockOffset.objects.exists()


@pytest.mark.parametrize("hours", [0, -1, 1.5, "1", 169])
def test_bad_hours_are_refused(api, problem, hours):
    problem(api.post("sandbox/clock", {"forward_days": 1, "forward_hours": hours}), 422, "invalid", "forward_hours")
    assert not ClockOffset.objects.exists()


def test_the_clock_moves_by_hours(api):
    before = datetime.fromisoformat(api.get("sandbox/clock").json()["now"])
    after = datetime.fromisoformat(api.post("sandbox/clock", {"forward_hours": 5}).json()["now"])
    assert timedelta(hours=5) <= after - before < timedelta(hours=5, minutes=1)
    later = datetime.fromisoformat(api.post("sandbox/clock", {"forward_days": 2, "forward_hours": 3}).json()["now"])
    assert timedelta(hours=51) <= later - after < timedelta(hours=51, minutes=1)


def test_one_key_moves_the_clock_once(api, problem, monkeypatch):
    first = api.post("sandbox/clock", {"forward_days": 2}, key="move-1")
    again = api.post("sandbox/clock", {"forward_days": 2}, key="move-1")
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (200, first.json(), "true")
    assert ("Idempotent-Replayed" in first, "Warning" in first, list(first.json())) == (False, False, ["now"])
    assert ClockOffset.current() == timedelta(days=2)
    monkeypatch.setattr(timers, "moving_clock", None)
    assert api.post("sandbox/clock", {"forward_days": 2}, key="move-1").json() == first.json()
    monkeypatch.undo()
    problem(api.post("sandbox/clock", {"forward_days": 3}, key="move-1"), 422, "idempotency.key_reused", "Idempotency-Key")
    assert ClockOffset.current() == timedelta(days=2)
    assert api.post("sandbox/clock", {"forward_days": 2}, key="move-2").status_code == 200
    assert ClockOffset.current() == timedelta(days=4)


def test_without_a_key_the_answer_warns(api):
    answer = api.post("sandbox/clock", {"forward_hours": 1}).json()
    assert [warning["code"] for warning in answer["warnings"]] == ["idempotency.key_missing"]


def test_the_longest_key_is_taken_and_a_bad_one_moves_nothing(api, problem):
    assert api.post("sandbox/clock", {"forward_hours": 1}, key="k" * 255).status_code == 200
    problem(api.post("sandbox/clock", {"forward_hours": 1}, key="a b"), 422, "idempotency.key_invalid", "Idempotency-Key")
    assert ClockOffset.current() == timedelta(hours=1)


def test_a_move_that_died_on_the_way_goes_on_with_its_key(api, monkeypatch):
    """The third of four days is moved, and the process dies before what is due then is done."""
    real, days = timers.run_until_quiet, []

    class Death(BaseException):
        pass

    def dies(*, at):
        days.append(at)
        if len(days) == 4:
            raise Death
        return real(at=at)

    monkeypatch.setattr(timers, "run_until_quiet", dies)
    with pytest.raises(Death):
        api.post("sandbox/clock", {"forward_days": 4}, key="move-1")
    assert ClockOffset.current() == timedelta(days=3)
    assert list(IdempotentAnswer.objects.values_list("status", flat=True)) == [102]
    monkeypatch.setattr(timers, "run_until_quiet", real)
    assert api.post("sandbox/clock", {"forward_days": 4}, key="move-1").status_code == 200
    assert ClockOffset.current() == timedelta(days=4)
    assert api.post("sandbox/clock", {"forward_days": 4}, key="move-1")["Idempotent-Replayed"] == "true"
    assert ClockOffset.current() == timedelta(days=4)


def test_all_installments_are_charged_once_and_the_shop_is_settled(api):
    order = buy(api)
    api.post(f"orders/{order}/captures", {"amount": 22_900})
    before = datetime.fromisoformat(api.get("sandbox/clock").json()["now"])
    after = datetime.fromisoformat(api.post("sandbox/clock", {"forward_days": 43}).json()["now"])
    assert timedelta(days=43) <= after - before < timedelta(days=43, minutes=5)
    plan = api.get(f"orders/{order}").json()["plan"]
    assert (plan["status"], [row["status"] for row in plan["installments"]]) == ("completed", ["paid"] * 4)
    charges = api.get("sandbox/gateway/charges", order=order).json()
    assert [(charge["amount"], charge["refunded"], charge["status"]) for charge in charges] == [(5_725, 0, "succeeded")] * 4
    assert len({charge["idempotency_key"] for charge in charges}) == 4
    settlements = api.get("settlements", limit=100).json()["data"]
    paid = [row for row in settlements if row["payout"]]
    assert len(settlements) in {43, 44}
    assert [(row["sales"], row["fees"], row["payout_amount"], row["payout"]["status"]) for row in paid] == [
        (22_900, 916, 21_984, "succeeded")
    ]
    lines = api.get(f"settlements/{paid[0]['id']}").json()["lines"]
    assert [(line["order_id"], line["type"], line["amount"], line["fee"], line["net"]) for line in lines] == [
        (order, "capture", 22_900, 916, 21_984)
    ]
    types = [event["type"] for event in api.get("events", limit=1000).json()["data"]]
    assert types[:2] == ["order.authorized", "order.captured"]
    assert {"settlement.created", "plan.completed"} <= set(types)
