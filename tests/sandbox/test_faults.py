"""What banks do days later and what a gateway does wrong, by order."""

import pytest

from tests.sandbox.conftest import Server


def card(world: Server, email: str = "ann@people.example") -> str:
    given = {"number": "4242424242424242", "customer_email": email, "customer_reference": "con_1"}
    return str(world.post("/gateway/v1/payment_methods", given)["token"])


@pytest.fixture
def charge(world):
    body = {"amount": 5_000, "currency": "USD", "payment_method": card(world), "reference": "pln_1"}
    return world.post("/gateway/v1/charges", body, key=f"k-{body['payment_method']}")


def refund(world, charge, key="r"):
    body = {"charge": charge["id"], "amount": 2_000, "reference": "pln_1"}
    return world.post("/gateway/v1/refunds", body, key=f"{key}-{charge['id']}")


def test_a_refund_fails_days_later_and_is_with_the_gateway_again(world, charge):
    made = refund(world, charge)
    failed = world.post(f"/control/refunds/{made['id']}/fail", {"failure": "lost_or_stolen_card"}, status=200)
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "lost_or_stolen_card")
    assert world.get(f"/gateway/v1/charges/{charge['id']}")["refunded"] == 0
    world.post(f"/control/refunds/{made['id']}/fail", {}, status=409)
    again = refund(world, charge, key="again")
    assert (again["status"], world.get(f"/gateway/v1/charges/{charge['id']}")["refunded"]) == ("succeeded", 2_000)
    world.post("/control/refunds/re_nothing/fail", {}, status=404)


def test_a_payout_comes_back(world):
    paid = world.post(
        "/gateway/v1/payouts", {"amount": 900, "currency": "USD", "destination": "bank", "reference": "set_1"}, key="pay-back"
    )
    back = world.post("/control/payouts/pay-back/fail", {}, status=200)
    assert (back["id"], back["status"], back["failure"]["code"]) == (paid["id"], "failed", "account_closed")
    world.post("/control/payouts/pay-back/fail", {}, status=409)


def test_a_charge_is_disputed_and_decided(world, charge):
    dispute = world.post(f"/control/charges/{charge['id']}/dispute", {"reason": "fraudulent"})
    assert (dispute["charge"], dispute["amount"], dispute["reason"], dispute["status"]) == (
        charge["id"],
        5_000,
        "fraudulent",
        "needs_response",
    )
    assert world.get(f"/gateway/v1/disputes/{dispute['id']}") == dispute
    world.post(f"/control/disputes/{dispute['id']}/close", {"outcome": "maybe"}, status=400)
    assert world.post(f"/control/disputes/{dispute['id']}/close", {"outcome": "lost"}, status=200)["status"] == "lost"
    world.post(f"/control/disputes/{dispute['id']}/close", {"outcome": "lost"}, status=409)
    assert [row["status"] for row in world.get("/gateway/v1/disputes", charge=charge["id"])["data"]] == ["lost"]


def test_the_money_of_a_dispute_is_out_of_the_balance_until_it_is_won(world, charge):
    def out(dispute):
        return dispute["status"], dispute["withdrawn"], dispute["fee"], world.get(f"/gateway/v1/charges/{charge['id']}")["withdrawn"]

    dispute = world.post(f"/control/charges/{charge['id']}/dispute", {"amount": 1_000})
    assert out(dispute) == ("needs_response", 1_000, 1_500, 1_000)
    door = f"/control/disputes/{dispute['id']}/close"
    turns = [out(world.post(door, {"outcome": outcome}, status=200)) for outcome in ("lost", "won", "lost")]
    assert turns == [("lost", 1_000, 1_500, 1_000), ("won", 0, 0, 0), ("lost", 1_000, 1_500, 1_000)]


def test_a_charge_is_taken_back_by_its_bank_with_a_fee(world, charge):
    door = f"/control/charges/{charge['id']}/fail"
    back = world.post(door, {"failure": "debit_returned"}, status=200)
    assert (back["status"], back["failure"]["code"], back["fee"]) == ("failed", "debit_returned", 500)
    world.post(door, {}, status=409)


def test_what_the_gateway_remembers_can_be_altered(world, charge):
    assert world.post(f"/control/charges/{charge['id']}/alter", {"amount": 4_999, "currency": "dkk"}, status=200)["amount"] == 4_999
    shown = world.get(f"/gateway/v1/charges/{charge['id']}")
    assert (shown["amount"], shown["currency"], shown["status"]) == (4_999, "DKK", "succeeded")
    made = refund(world, charge)
    world.post(f"/control/refunds/{made['id']}/alter", {"status": "failed"}, status=200)
    assert world.get(f"/gateway/v1/refunds/{made['id']}")["status"] == "failed"
    world.post(f"/control/refunds/{made['id']}/alter", {"status": "gone"}, status=400)
    world.post("/control/disputes/dp_1/alter", {}, status=404)


def test_reports_are_of_a_time(world, charge):
    at = charge["at"]
    paths = [("/gateway/v1/charges", 1)]
    for path, count in paths:
        listed = world.get(path, since=at, reference="pln_1", limit=1000)["data"]
        assert charge["id"] in {row["id"] for row in listed}
        assert len([row for row in listed if row["id"] == charge["id"]]) == count
        assert charge["id"] not in {row["id"] for row in world.get(path, until=at, limit=1000)["data"]}
    for wrong in ("yesterday", "2026-11-22", "2026-11-22T00:00:00"):
        assert world.http.get(f"{world.url}/gateway/v1/charges", params={"since": wrong}, timeout=30).status_code == 400
