"""What was settled for less, and then taken back: a debt that was given up is given up again."""

from datetime import timedelta

import pytest

from collection import services as collection
from collection.agency_lines import Reported
from collection.models import Placement
from collection.services.settling import reopen_settlement
from controls import services as controls
from core import relay
from core.errors import Conflict
from credit.models import CreditLine
from payments import services as payments
from plans import services as plans
from plans.models import Installment
from plans.sales import digest_of
from plans.services.selling import sell
from tests.collection import test_sales
from tests.collection.test_agencies import agency, fay, place
from tests.collection.test_bank_debits import CLEARS, bank, hear
from tests.collection.test_charge_offs import OWED, books, confirm, given_up, lost, people, plan_of, propose, wrong
from tests.collection.test_disputes import sold
from tests.collection.test_receipts import MAY, record, undo
from tests.collection.test_sales import SELLING, listed
from tests.collection.test_settling import DAY, anna, bo, offer, pay, status_of
from tests.operators import make_operator

__all__ = ["agency", "anna", "bank", "bo", "fay", "given_up", "lost", "people", "sold"]


@pytest.mark.django_db(transaction=True)
def test_what_an_agency_gives_back_of_a_settled_debt_lets_it_be_given_up_again(given_up, agency, fay, anna, bo):
    place(agency, fay, given_up)
    at = then = given_up.late + timedelta(days=20)
    placement, used = Placement.objects.get(), CreditLine.objects.get(consumer=given_up.consumer).used_minor
    asked = offer(given_up, anna, 2_000, at, note="Has nothing else")
    controls.approve_proposal(proposal_id=asked.pk, user=bo, at=at)
    made = given_up.consumer.settlements.get()
    collection.note_acceptance(settlement_id=made.pk, user=anna, at=at)
    told = {"placement": placement.public_id, "reference": "R-1", "amount_minor": 2_000, "currency": "USD"}
    day = placement.placed_on.isoformat()
    paid = Reported(**told, paid_on=day)
    assert [one.status for one in collection.report_payments(agency=agency, lines=[paid], by="a", at=then)] == ["accepted"]
    relay.drain()
    assert (status_of(given_up), plan_of(given_up).status, wrong()) == ("settled", "completed", [])
    back = Reported(**told, paid_on=day, kind="gave_back")
    assert [one.status for one in collection.report_payments(agency=agency, lines=[back], by="a", at=then)] == ["accepted"]
    relay.drain()
    assert (status_of(given_up), plan_of(given_up).status, books(given_up), wrong()) == ("reopened", "charged_off", (0, 0, OWED), [])
    assert CreditLine.objects.get(consumer=given_up.consumer).used_minor == used
    assert not Installment.objects.filter(plan=given_up.plan_id, next_attempt_at__isnull=False).exists()


def test_a_debt_for_which_a_settlement_was_accepted_is_neither_sold_nor_placed(given_up, agency, fay, anna, bo):
    sellers = [make_operator(f"{name}@kvart.example", may=SELLING) for name in ("hal", "gus")]
    at, sale = given_up.late, listed(given_up, sellers)
    asked = offer(given_up, anna, 2_000, at, note="Has nothing else")
    controls.approve_proposal(proposal_id=asked.pk, user=bo, at=at)
    assert collection.place_debts(agency_id=agency.pk, user=fay, at=at) == 0
    collection.note_acceptance(settlement_id=given_up.consumer.settlements.get().pk, user=anna, at=at)
    with pytest.raises(Conflict):
        listed(given_up, sellers)
    # As if it was accepted between the check of an approved proposal and the locks of the sale.
    with pytest.raises(Conflict):
        sell(sale_id=sale.pk, digest=digest_of(sale.plans.all()), proposal=asked, at=at)
    assert (collection.place_debts(agency_id=agency.pk, user=fay, at=at), plan_of(given_up).sold_at) == (0, None)


def test_what_was_sold_after_its_settlement_was_taken_back_is_not_settled_again(given_up, people, anna, bo):
    at = given_up.late
    controls.approve_proposal(proposal_id=offer(given_up, anna, 2_000, at, note="Has nothing else").pk, user=bo, at=at)
    collection.note_acceptance(settlement_id=given_up.consumer.settlements.get().pk, user=anna, at=at)
    pay(given_up, 2_000, at)
    assert collection.settle_paid(plan_id=given_up.plan_id, at=at)
    reopen_settlement(plan_id=given_up.plan_id, next_at=None, at=at)
    confirm(given_up, people, propose(given_up, people))
    assert (plan_of(given_up).status, books(given_up), wrong()) == ("charged_off", (0, 0, OWED - 2_000), [])
    # Its buyer's, before the bank pays after all.
    test_sales.sell(given_up, [make_operator(f"{name}@kvart.example", may=SELLING) for name in ("hal", "gus")])
    assert collection.settle_paid(plan_id=given_up.plan_id, at=at, again=True) is False


def test_money_entered_wrongly_for_a_plan_that_was_never_given_up_lets_it_go_on(lost, anna):
    people = [make_operator(f"{name}@kvart.example", may=MAY) for name in ("rita", "paul")]
    receipt = record(lost, people)
    assert plan_of(lost).status == "completed"
    undo(lost, people, receipt)
    assert (plan_of(lost).status, wrong()) == ("active", [])


def test_workers_leave_a_plan_alone_that_is_being_settled_though_its_stop_ends_or_a_debit_fails(lost, anna, bank):
    at = lost.late
    made = offer(lost, anna, 13_000, at)
    collection.accept_settlement(settlement_id=made.pk, actor="con", at=at)
    plan, account = plan_of(lost), payments.add_account(consumer=lost.consumer, number=CLEARS, currency="USD", at=at)
    plans.stop_plan(plan_id=plan.pk, at=at)
    plans.resume_plan(plan_id=plan.pk, actor="test", at=at + DAY)
    tried = Installment.objects.filter(plan=plan, next_attempt_at__isnull=False)
    assert list(tried) == []
    charge = collection.pay_now(consumer=lost.consumer, plan=plan_of(lost), scope="next", method=account, actor="con", at=at + DAY)
    bank("fail", charge, failure="insufficient_funds")
    assert (charge.status, hear(charge, at + 3 * DAY, good=False)) == ("under_way", True)
    assert list(tried.all()) == []
    assert collection.run_due(at=at + 9 * DAY) == 0
