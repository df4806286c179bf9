"""Money that a person sends to our bank account for a plan that was given up: recorded by two operators, undone by two."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from checkout import services as checkouts
from collection import services as collection
from controls import services as controls
from controls.errors import OnePerson
from controls.models import Proposal
from core import relay
from core.errors import Conflict, Invalid
from ledger import postings
from ledger.models import Entry
from ledger.queries import balance
from notifications.models import Message
from payments import services as payments
from payments.models import Break, Charge, Refund
from payments.queries import list_gateways
from plans.models import Installment, Plan, Receipt
from reports.books import check_books
from tests.collection.test_charge_offs import OWED, books, given_up, lost, pay, plan_of, used, wrong
from tests.collection.test_disputes import bank, sold
from tests.operators import make_operator
from tests.owner import as_owner, tamper

__all__ = ["bank", "given_up", "lost", "sold"]
MAY = ["propose_chargeoff", "confirm_chargeoff", "propose_movement", "approve_movement", "handle_break"]
FACTS = {"bank_reference": "DK-4711 ", "reason": "On the bank's statement"}


@pytest.fixture
def people(db):
    return [make_operator(f"{name}@kvart.example", may=MAY) for name in ("olivia", "oscar")]


def propose(order, people, amount=OWED, **how):
    told = FACTS | {"received_on": order.late.date(), "user": people[0], "at": order.late} | how
    return collection.propose_receipt(plan_id=order.plan_id, amount_minor=amount, **told)


def decide(order, people, made, who=1):
    controls.approve_proposal(proposal_id=made.pk, user=people[who], at=order.late)


def record(order, people, amount=OWED, **how):
    decide(order, people, propose(order, people, amount, **how))
    return Receipt.objects.latest("id")


def undo(order, people, receipt):
    made = collection.propose_undoing(receipt=receipt, reason="It was another person's", user=people[0], at=order.late)
    decide(order, people, made)


def received():
    return balance(kind="cash", owner="transfer", currency="USD")


def test_a_part_of_it_lowers_the_loss_and_the_limit_in_use(given_up, people):
    in_use, made = used(given_up), propose(given_up, people, 7_000)
    assert (books(given_up), Receipt.objects.count(), received()) == ((0, 0, OWED), 0, 0)
    decide(given_up, people, made)
    receipt = Receipt.objects.get()
    assert (receipt.bank_reference, receipt.charge.amount_minor, receipt.charge.status) == ("DK-4711", 7_000, "succeeded")
    assert (receipt.charge.gateway_ref, receipt.charge.actor) == ("DK-4711", f"proposal:{made.public_id}")
    assert (books(given_up), received(), used(given_up), wrong()) == ((0, 0, OWED - 7_000), 7_000, in_use - 7_000, [])
    assert (plan_of(given_up).status, Proposal.objects.get(pk=made.pk).outcome) == ("charged_off", receipt.public_id)
    relay.drain()
    letter = Message.objects.get(kind="payment_received", channel="email", context__amount_minor=7_000)
    assert (letter.facts["transfer"], letter.facts["given_up"]) == (True, True)


def test_all_of_it_completes_the_plan_and_what_is_more_goes_back_to_a_bank_account(given_up, people):
    record(given_up, people, OWED + 500)
    assert (plan_of(given_up).status, books(given_up), used(given_up), wrong()) == ("completed", (0, 0, 0), 0, [])
    refund = Refund.objects.get()
    payments.send_refunds(at=given_up.late)
    refund.refresh_from_db()
    assert (refund.amount_minor, refund.status, refund.failure, wrong()) == (500, "failed", "came_by_transfer", [])
    assert Break.objects.get(kind="refund_failed").subject == refund.public_id
    transfer = payments.want_transfer(refund_id=refund.pk, holder="A", account="DK5000400440116243", actor="her", at=given_up.late)
    payments.send_transfer(transfer_id=transfer.pk, bank_reference="OUT-1", actor=str(people[0].pk), at=given_up.late)
    payments.confirm_transfer(transfer_id=transfer.pk, actor=str(people[1].pk), at=given_up.late)
    assert (balance(kind="refunds_payable", owner=given_up.plan.public_id, currency="USD"), wrong()) == (0, [])


def test_what_a_shop_refunds_of_it_goes_to_a_bank_account_too(given_up, people, merchant):
    record(given_up, people)
    checkouts.refund_order(order_id=given_up.id, merchant=merchant, amount_minor=22_900, reason="", actor="test", at=given_up.late)
    payments.send_refunds(at=given_up.late)
    assert (Break.objects.get(kind="refund_failed").amount_minor, wrong()) == (OWED, [])


def test_the_same_money_counts_once_whatever_plan_and_however_it_is_written(given_up, people):
    first = record(given_up, people, 1_000)
    for named in ("DK-4711", " dk-4711"):
        with pytest.raises(Conflict, match="recorded already"):
            propose(given_up, people, 1_000, bank_reference=named)
    with pytest.raises(IntegrityError, match="no two operators"), transaction.atomic():
        Receipt.objects.create(**{name: getattr(first, name) for name in ("plan", "charge", "proposal", "received_on", "recorded_at")})
    assert (Receipt.objects.count(), received(), Charge.objects.filter(gateway="transfer").count()) == (1, 1_000, 1)


def test_money_is_recorded_for_a_plan_on_which_something_is_owed(lost, people):
    record(lost, people)
    assert (received(), Plan.objects.get(id=lost.plan_id).status, wrong()) == (OWED, "completed", [])
    with pytest.raises(Conflict) as refused:
        propose(lost, people, bank_reference="another")
    assert refused.value.code == "plans.not_owed"


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"amount": 0}, "amount_minor"),
        ({"bank_reference": " "}, "bank_reference"),
        ({"reason": ""}, "reason"),
        ({"days": 400}, "received_on"),
    ],
)
def test_amount_reference_day_and_reason_are_needed(given_up, people, how, field):
    how = how | {"received_on": given_up.late.date() + timedelta(days=how.pop("days", 0))}
    before = Proposal.objects.count()
    with pytest.raises(Invalid) as refused:
        propose(given_up, people, **how)
    assert (list(refused.value.fields), Proposal.objects.count()) == ([field], before)


def test_who_proposes_does_not_approve_and_the_database_wants_both(given_up, people):
    made = propose(given_up, people)
    with pytest.raises(OnePerson):
        decide(given_up, people, made, who=0)
    told = {"plan": given_up.plan, "proposal": made, "bank_reference": "DK-4711", "received_on": given_up.late.date()}
    charge = Charge.objects.first()
    with pytest.raises(IntegrityError, match="no two operators"), transaction.atomic():
        Receipt.objects.create(**told, charge=charge, recorded_at=given_up.late)
    assert (Receipt.objects.count(), received()) == (0, 0)


def test_a_wrong_entry_is_undone_by_two_and_the_plan_is_given_up_as_before(given_up, people):
    in_use, receipt = used(given_up), record(given_up, people)
    assert plan_of(given_up).status == "completed"
    with pytest.raises(IntegrityError, match="no two operators"), transaction.atomic():
        Receipt.objects.filter(pk=receipt.pk).update(undone_at=given_up.late, undone_by=receipt.proposal)
    undo(given_up, people, receipt)
    receipt.refresh_from_db()
    assert (receipt.undone_at, receipt.charge.status) == (given_up.late, "reversed")
    assert (plan_of(given_up).status, books(given_up), received(), used(given_up), wrong()) == ("charged_off", (0, 0, OWED), 0, in_use, [])
    assert set(Installment.objects.filter(plan=given_up.plan_id).values_list("next_attempt_at", flat=True)) == {None}
    assert not Break.objects.filter(kind="charge_reversed").exists()
    with pytest.raises(Conflict, match="undone already"):
        undo(given_up, people, receipt)
    relay.drain()
    letter = Message.objects.get(kind="payment_reversed", channel="email")
    assert letter.context["mistaken"] is True
    assert given_up.plan.changes.latest("id").kind == "mistaken"
    again = record(given_up, people, 2_000)
    assert (again.bank_reference, books(given_up), wrong()) == ("DK-4711", (0, 0, OWED - 2_000), [])


def test_the_check_of_the_books_sees_a_receipt_and_its_charge_apart(given_up, people):
    receipt = record(given_up, people, 2_000)
    name, plan = f"charge {receipt.charge.public_id}: 2000 USD", given_up.plan.public_id
    (examined,) = [(check.examined, check.figures) for check in check_books() if check.name.startswith("Money that people sent")]
    assert (examined, wrong()) == ((1, "USD 2000"), [])
    tamper("UPDATE plans_receipt SET undone_at = recorded_at, undone_by_id = proposal_id")
    assert wrong() == [f"{name} is not taken back, its receipt is undone"]
    tamper("UPDATE plans_receipt SET undone_at = NULL, undone_by_id = NULL, bank_reference = 'DK-1'")
    assert wrong() == [f"{name} is DK-4711 for {plan}, its receipt says DK-1 for {plan}"]
    card = Charge.objects.exclude(pk=receipt.charge_id).filter(status="succeeded").first()
    tamper("UPDATE plans_receipt SET charge_id = %s", [card.pk])
    taken = f"charge {card.public_id}: {card.amount_minor} USD was taken at sandbox, receipt {receipt.public_id} says it came to our bank"
    assert sorted(wrong()) == sorted([taken, f"{name} came to our bank, no receipt names it"])


def test_a_plan_that_a_card_completed_after_it_is_given_up_again_too(given_up, people):
    receipt = record(given_up, people, 1_000)
    pay(given_up, given_up.late)
    undo(given_up, people, receipt)
    assert (plan_of(given_up).status, books(given_up), wrong()) == ("charged_off", (0, 0, 1_000), [])


def test_it_is_no_way_to_pay_for_anybody(given_up, people):
    record(given_up, people)
    assert "transfer" in list_gateways()
    method = Receipt.objects.get().charge.payment_method
    assert (method.is_usable, method.consumer_id) == (False, given_up.consumer_id)


@pytest.mark.django_db(transaction=True)
def test_two_approve_at_once_and_it_is_booked_once(given_up, people, at_once):
    made = propose(given_up, people, 3_000)
    people.append(make_operator("otto@kvart.example", may=MAY))
    results = at_once(2, lambda number: decide(given_up, people, made, who=number + 1))
    assert sorted(type(one).__name__ for one in results) == ["Decided", "NoneType"]
    assert (Receipt.objects.count(), received(), books(given_up), wrong()) == (1, 3_000, (0, 0, OWED - 3_000), [])


@pytest.mark.django_db(transaction=True)
def test_the_person_pays_and_the_shop_refunds_while_it_is_recorded(given_up, people, merchant, at_once):
    made = propose(given_up, people, 9_000)
    card = payments.add_card(consumer=given_up.consumer, number="4242424242424242", at=given_up.late)
    how = {"consumer": given_up.consumer, "scope": "next", "method": card, "actor": "her", "at": given_up.late}
    who = {"order_id": given_up.id, "merchant": merchant, "actor": "test", "at": given_up.late}
    acts = [
        lambda: decide(given_up, people, made),
        lambda: collection.pay_now(plan=plan_of(given_up), **how),
        lambda: checkouts.refund_order(amount_minor=1_000, reason="", **who),
    ]
    results = at_once(3, lambda number: acts[number]())
    assert all(isinstance(one, Conflict) or not isinstance(one, Exception) for one in results), results
    owed = sum(one.open_minor for one in Installment.objects.filter(plan=given_up.plan_id))
    assert (books(given_up), received(), wrong()) == ((0, 0, owed), 9_000, [])


@pytest.mark.django_db(transaction=True)
def test_who_dies_while_it_is_posted_records_nothing_and_the_next_records_it_once(given_up, people, monkeypatch):
    made, genuine = propose(given_up, people), postings.charges

    def dying(found):
        genuine(found)
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(postings, "charges", dying)
    with pytest.raises((OperationalError, InterfaceError)):
        decide(given_up, people, made)
    connection.close()
    assert (Receipt.objects.count(), received(), books(given_up), wrong()) == (0, 0, (0, 0, OWED), [])
    monkeypatch.undo()
    decide(given_up, people, made)
    assert (Receipt.objects.count(), received(), plan_of(given_up).status, wrong()) == (1, OWED, "completed", [])
    assert Entry.objects.filter(kind="charge", source=Receipt.objects.get().charge.public_id).count() == 1
