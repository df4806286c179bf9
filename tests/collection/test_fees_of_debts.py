"""Late fees go with a debt: agency and buyer get the sum that its person reads, and what of it is fees."""

from datetime import timedelta

import pytest

from collection.agencies import lines_of
from collection.models import Placement
from core.errors import Conflict
from core.ids import uuid7
from markets.models import MarketSetting
from operations.sales.page import FIELDS, tape_of
from plans import services as plans
from plans.models import Fee, SoldPlan
from plans.queries import installments_of
from plans.services.saving import save_installments
from tests.collection.test_agencies import agency, fay, place
from tests.collection.test_charge_offs import OWED, given_up, lost, plan_of, wrong
from tests.collection.test_disputes import sold
from tests.collection.test_receipts import people, record, undo
from tests.collection.test_sales import buyer, sell, sellers

__all__ = ["agency", "fay", "given_up", "lost", "people", "sellers", "sold"]
FEE = 700


@pytest.fixture
def charged(given_up):
    """The debt with a late fee on its second payment."""
    return charge(given_up, "late")


def charge(given_up, kind):
    row = installments_of(plan_of(given_up))[1]
    caps = MarketSetting.objects.filter(market="US", key="fee.caps").latest("valid_from")
    yesterday = given_up.late - timedelta(days=1)
    told = {"kind": kind, "stage": 0, "wanted_minor": FEE, "amount_minor": FEE, "on": yesterday.date(), "at": yesterday}
    Fee.objects.create(installment=row, caps=caps, **told)
    row.fees_minor = FEE
    save_installments([row])
    return given_up


def test_an_agency_is_told_the_sum_with_its_fees(charged, agency, fay):
    assert place(agency, fay, charged) == 1
    one = Placement.objects.get()
    [line] = lines_of(agency, one.placed_on, charged.late)
    assert (one.face_minor, line["placed_minor"], line["open_minor"], line["fees_minor"]) == (*[OWED + FEE] * 3, FEE)


def test_a_buyer_buys_the_fees_gets_what_comes_for_them_and_nobody_waives_them(charged, sellers, people):
    sale = sell(charged, sellers)
    one, price = SoldPlan.objects.select_related("plan__consumer").get(), buyer(sale)
    tape = dict(zip(FIELDS, next(tape_of(sale, [one])), strict=False))
    assert (one.face_minor, tape["face_minor"], tape["fees_minor"]) == (OWED + FEE, OWED + FEE, FEE)
    receipt = record(charged, people, FEE + 300)
    assert (buyer(sale), wrong()) == (price - FEE - 300, [])
    with pytest.raises(Conflict, match="sold"):
        plans.waive_fees(plan_id=charged.plan_id, number=2, reason="Kind", actor=str(people[0].pk), at=charged.late)
    undo(charged, people, receipt)
    assert (buyer(sale), SoldPlan.objects.get().passed_minor, wrong()) == (price, 0, [])
    record(charged, people, OWED + FEE, bank_reference="DK-4712")
    assert (buyer(sale), plan_of(charged).status, wrong()) == (price - OWED - FEE, "completed", [])
    assert Fee.objects.get().paid_minor == FEE


def test_a_fee_paid_before_the_sale_and_taken_back_after_it_leaves_the_buyer_what_came_since(charged, sellers, people):
    record(charged, people, 11_450)
    before = record(charged, people, FEE, bank_reference="DK-4712")
    assert Fee.objects.get().paid_minor == FEE
    charged.late += timedelta(hours=1)
    sale = sell(charged, sellers)
    price = buyer(sale)
    record(charged, people, 400, bank_reference="DK-4713")
    undo(charged, people, before)
    assert (buyer(sale), SoldPlan.objects.get().passed_minor, wrong()) == (price - 400, 400, [])


def test_a_fee_of_a_sold_debt_that_goes_back_is_the_buyer_s_no_more(given_up, sellers, people):
    charge(given_up, "returned")
    sale = sell(given_up, sellers)
    price = buyer(sale)
    record(given_up, people, 11_450 + FEE)
    assert buyer(sale) == price - 11_450 - FEE
    back = {"plan_id": given_up.plan_id, "charge_id": uuid7(), "numbers": [2], "at": given_up.late}
    assert [plans.withdraw_returned(**back) for _ in range(2)] == [1, 0]
    assert (buyer(sale), SoldPlan.objects.get().passed_minor, wrong()) == (price - 11_450, 11_450, [])
