"""Settlements through the API: newest first, traced to orders, one's own only."""

from datetime import timedelta

import pytest

from core.clock import local_date
from merchants.services import record_item, settle_merchants
from tests.api.counting import statements


@pytest.fixture
def settled(shop, stranger_shop):
    for number, (kind, gross, fee) in enumerate([("capture", 10_000, 400), ("refund", -2_500, -100)]):
        record_item(
            merchant_id=shop.id,
            kind=kind,
            source=f"{'cap' if kind == 'capture' else 'ref'}_{number}",
            order_ref="ord_1",
            merchant_reference="A-1",
            gross_minor=gross,
            fee_minor=fee,
            at=shop.created_at,
        )
    settle_merchants(at=shop.created_at + timedelta(days=3))
    return shop


def test_read_with_lines(api, settled):
    listed = api.get("settlements").json()["data"]
    opened = local_date(settled.created_at, settled.market.time_zone)
    assert [row["date"] for row in listed] == [f"{opened + timedelta(days=days)}" for days in (2, 1, 0)]
    first = api.get(f"settlements/{listed[2]['id']}").json()
    assert {
        name: first[name] for name in ("sales", "returns", "fees", "fee_refunds", "payout_amount", "closing_balance", "line_count")
    } == {
        "sales": 10_000,
        "returns": 2_500,
        "fees": 400,
        "fee_refunds": 100,
        "payout_amount": 7_200,
        "closing_balance": 0,
        "line_count": 2,
    }
    assert [(line["type"], line["capture_id"], line["refund_id"], line["net"]) for line in first["lines"]] == [
        ("capture", "cap_0", None, 9_600),
        ("refund", None, "ref_1", -2_400),
    ]
    assert (listed[0]["payout"], listed[0]["line_count"]) == (None, 0)


def test_pages_cost_two_statements(api, settled):
    with statements() as used:
        page = api.get("settlements", limit=2).json()
    assert len(used) == 2
    assert len(api.get("settlements", limit=2, cursor=page["next_cursor"]).json()["data"]) == 1


def test_strangers_settlements_do_not_exist(api, stranger, settled, problem):
    mine = api.get("settlements").json()["data"][0]["id"]
    problem(stranger.get(f"settlements/{mine}"), 404, "not_found")
    problem(api.get("settlements/set_x"), 404, "not_found")
    problem(api.post("settlements", {}), 405, "method_not_allowed")
