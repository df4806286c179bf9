"""A shop pays so that its customer's payments come later: by its contract, once, exact in its statement, also beside itself."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from checkout import services as checkouts
from checkout.models import Postponement
from checkout.subsidies.queries import price_of_postponing
from core import clock, timers
from core.errors import Conflict
from ledger.queries import balance
from merchants.models import Settlement
from merchants.services import settle_merchants, update_terms
from notifications.models import Message
from plans import services as plans
from plans.models import Installment, Plan, PlanChange
from plans.rules.moving import postponed
from plans.rules.schedule import ProductTerms
from reports.books import check_books
from reports.margins.services import count_margins
from reports.models import Margin
from tests.plans.test_fees_attacked import at_once
from tests.shops import AT, join_team, make_key
from webhooks.models import MerchantEvent

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def sold(buy, merchant):
    """An order of 400.00 in four payments, the first of which is paid; the shop's contract asks 2.00 and 1 % of what is open."""
    changes = {"postpone_fixed_minor": 200, "postpone_bps": 100}
    merchant = update_terms(merchant=merchant, changes=changes, actor="test", at=AT)
    order = buy(merchant, 40_000, at=AT)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=AT)

    timers.run_until_quiet(at=AT)
    return order


def dates(order):
    return list(Installment.objects.filter(plan=order.plan_id).order_by("number").values_list("due_date", flat=True))


def test_dates_take_the_place_of_the_next():
    monthly = ProductTerms("m", 3, "monthly")
    assert postponed([date(2026, 2, 28), date(2026, 3, 31)], date(2025, 12, 31), monthly) == [date(2026, 3, 31), date(2026, 4, 30)]
    assert postponed([date(2026, 2, 28)], date(2026, 1, 31), monthly) == [date(2026, 3, 31)]
    assert postponed([date(2026, 2, 15)], date(2026, 1, 15), monthly) == [date(2026, 3, 15)]
    assert postponed([date(2026, 2, 15)], date(2026, 1, 15), ProductTerms("d", 1, "days", 30)) == [date(2026, 3, 17)]
    # Two that waited together both move.
    both = [date(2026, 2, 15)] * 2
    assert postponed([*both, date(2026, 3, 15)], date(2026, 1, 15), monthly) == [*[date(2026, 3, 15)] * 2, date(2026, 4, 15)]


def test_a_story_by_the_api_and_the_statement(sold, merchant, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    before = dates(sold)
    key = {"authorization": f"Bearer {make_key(merchant)}"}
    door = f"/api/v1/orders/{sold.public_id}/postpone"
    first, again = (client.post(door, content_type="application/json", headers=key | {"idempotency-key": "one"}) for _ in range(2))
    assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
    assert dates(sold) == [before[0], *before[2:], before[3] + 14 * DAY]
    made = Postponement.objects.get()
    assert (made.open_minor, made.fee_minor) == (30_000, 500)
    refused = client.post(door, content_type="application/json", headers=key | {"idempotency-key": "two"})
    assert (refused.status_code, refused.json()["code"]) == (409, "order.postpone_used")
    assert [(one["id"], one["fee"]) for one in first.json()["postponements"]] == [(made.public_id, 500)]
    # Without a key, in the sandbox, a call soon after another is its repetition even where the contract has one more.
    update_terms(merchant=merchant, changes={"postpone_most": 2}, actor="test", at=AT)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(seconds=5))
    repeated = client.post(door, content_type="application/json", headers=key).json()
    assert (repeated["postponements"], Postponement.objects.count()) == (first.json()["postponements"], 1)
    assert {one["code"] for one in repeated["warnings"]} == {"order.same_as_before", "idempotency.key_missing"}
    monkeypatch.setattr(clock, "now", lambda: AT)

    timers.run_until_quiet(at=AT + timedelta(minutes=1))
    assert PlanChange.objects.filter(plan=sold.plan_id, kind="postponed", reference=made.public_id).count() == 1
    told = MerchantEvent.objects.get(type="order.postponed").data
    assert (told["postponement_id"], told["postponement_amount"]) == (made.public_id, 500)
    assert Message.objects.filter(kind="schedule_changed").exists()
    settle_merchants(at=AT + DAY)
    statement = Settlement.objects.get(merchant=merchant)
    assert (statement.subsidies_minor, statement.payout_minor) == (500, 40_000 - 1_600 - 500)
    line = client.get(f"/api/v1/settlements/{statement.public_id}", headers=key).json()["lines"][-1]
    assert (line["type"], line["order_id"], line["net"]) == ("postpone", sold.public_id, -500)
    assert balance(kind="postpone_income", owner="", currency="USD") == -500
    count_margins(at=AT + DAY)
    sold.refresh_from_db()
    assert Margin.objects.get().fees_minor == sold.fee_minor + 500
    assert [line for check in check_books() for line in check.offenders] == []


def test_the_page_shows_price_and_dates_and_acts_once(sold, merchant, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    client.force_login(join_team(merchant, "owner@nordlys.example", "owner").user)
    path = reverse("merchant_postpone", args=[sold.public_id])
    page = client.get(path).content.decode()
    assert "$5.00" in page
    assert path in client.get(reverse("merchant_order", args=[sold.public_id])).content.decode()
    client.post(path, {"price": "1", "once": "a"})
    assert not Postponement.objects.exists()
    for _ in range(2):
        client.post(path, {"price": "500", "once": "b"})
    assert Postponement.objects.count() == 1
    assert path not in client.get(reverse("merchant_order", args=[sold.public_id])).content.decode()


def test_two_at_once_are_one_and_what_is_not_in_time_is_refused(sold, merchant, stranger):
    told = {"order_id": sold.id, "merchant": merchant, "actor": "test", "at": AT}
    errors = at_once(*[lambda: checkouts.postpone_order(**told) for _ in range(3)])
    assert ([one.code for one in errors], Postponement.objects.count()) == (["order.postpone_used"] * 2, 1)
    update_terms(merchant=merchant, changes={"postpone_most": 3}, actor="test", at=AT)
    with pytest.raises(Conflict, match="late"):
        checkouts.postpone_order(**told | {"at": AT + 60 * DAY})
    Plan.objects.filter(pk=sold.plan_id).update(stopped_at=AT)
    with pytest.raises(Conflict, match="dates"):
        checkouts.postpone_order(**told)
    assert Postponement.objects.count() == 1
    update_terms(merchant=merchant, changes={"postpone_fixed_minor": 0, "postpone_bps": 0}, actor="test", at=AT)
    with pytest.raises(Conflict, match="contract"):
        checkouts.postpone_order(**told)


def test_payments_that_wait_for_a_return_are_not_moved_by_the_shop(sold, merchant):
    rows = list(Installment.objects.filter(plan=sold.plan_id).order_by("number"))
    sold.refresh_from_db()
    on_the_day = datetime.combine(rows[1].due_date, time(18), UTC)
    assert price_of_postponing(sold, rows, rows[1].due_date).open_minor == 20_000
    assert checkouts.may_postpone(order=sold, rows=rows, at=on_the_day)
    plans.send_back(plan_id=sold.plan_id, actor="person", at=AT)
    assert not checkouts.may_postpone(order=sold, rows=rows, at=AT)
    with pytest.raises(Conflict, match="dates"):
        checkouts.postpone_order(order_id=sold.id, merchant=merchant, actor="shop", at=AT)
    assert Postponement.objects.count() == 0
