"""Quotes: the plans for an amount; with a publishable key from any page."""

import json

import pytest

from markets.models import MarketSetting
from tests.api.counting import statements
from tests.owner import unguarded
from tests.plans.conftest import fees

__all__ = ["fees"]


@pytest.mark.django_db
@pytest.mark.parametrize("caller", ["api", "page_api"])
def test_plans_add_up(request, caller):
    answer = request.getfixturevalue(caller).post("quotes", {"amount": 22_900, "currency": "USD"})
    body = answer.json()
    assert [plan["product"] for plan in body["plans"]] == ["pay_in_4", "pay_in_30", "monthly_6", "monthly_12"]
    for plan in body["plans"]:
        assert sum(row["amount"] for row in plan["installments"]) == plan["total"] == 22_900 + plan["interest"]
    four = body["plans"][0]
    assert [row["amount"] for row in four["installments"]] == [5_725] * 4
    assert (four["apr"], four["interest"], four["first_payment"]) == (0, 0, "now")
    assert body["plans"][2]["apr"] > 0


def test_small_amounts_have_fewer_plans(api):
    assert [plan["product"] for plan in api.post("quotes", {"amount": 4_999, "currency": "USD"}).json()["plans"]] == [
        "pay_in_4",
        "pay_in_30",
    ]
    assert api.post("quotes", {"amount": 10**12, "currency": "USD"}).json()["plans"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 0, "currency": "USD"}, "amount"),
        ({"amount": "1", "currency": "USD"}, "amount"),
        ({"amount": 1, "currency": "DKK"}, "currency"),
        ({"amount": 1}, "currency"),
        ({"amount": 1, "currency": "USD", "region": "Atlantis"}, "region"),
        ({"amount": 1, "currency": "USD", "product": "x"}, "product"),
    ],
)
def test_bad_quote_is_named(api, problem, body, field):
    answer = api.post("quotes", body)
    problem(answer, 422, field=field)
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_browsers_of_any_origin_may_ask(page_api, nobody, problem):
    preflight = nobody.send("OPTIONS", "quotes")
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Origin"] == "*"
    assert preflight["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert page_api.post("quotes", {"amount": 100, "currency": "USD"})["Access-Control-Allow-Origin"] == "*"
    assert json.loads(nobody.post("quotes", {}).content)["status"] == 401


def test_costs_two_statements(api):
    with statements() as used:
        api.post("quotes", {"amount": 22_900, "currency": "USD"})
    assert len([sql for sql in used if "core_clockoffset" not in sql]) == 2


@pytest.mark.parametrize(("state", "most_bps", "plans"), [("New York", 1_000, 2), ("ny", 1_600, 4), ("OR", 1_000, 4), (None, 1_000, 4)])
def test_plans_above_the_cap_of_the_buyer_s_state_are_left_out(api, state, most_bps, plans):
    with unguarded():
        MarketSetting.objects.filter(key="apr.new_york_cap_bps").update(value=most_bps)
    told = {"amount": 22_900, "currency": "USD"} | ({"region": state} if state else {})
    assert len(api.post("quotes", told).json()["plans"]) == plans


@pytest.mark.django_db
def test_the_fees_of_who_pays_late_are_quoted(fees, api):
    answer = api.post("quotes", {"amount": 22_900, "currency": "USD"})
    found = {plan["product"]: plan["fees"] for plan in answer.json()["plans"]}
    assert found["pay_in_4"] == {
        "on_time": 0,
        "late": [{"days_late": 10, "amount": 700, "percent": 0.0}],
        "reminder": None,
        "returned_debit": 0,
        "reschedule": 0,
        "at_most": 5_725,
    }
