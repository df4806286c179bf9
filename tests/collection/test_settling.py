"""Settlements for less: one operator or two, accepted beside payments and kills, paid, broken, taken back; books in balance."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from checkout import services as checkouts
from collection import services as collection
from collection.models import Settlement
from collection.services import settled as services
from collection.services.settling import close_settlements, reopen_settlement
from collection.settlement_proposals import SettlingByTwo
from collection.settling import Terms, terms_now
from controls import services as controls
from controls.models import Proposal
from core import relay
from core.errors import Conflict, Forbidden, Invalid
from core.money import Money
from credit.models import CreditLine
from ledger.queries import balance
from notifications.models import Message
from payments.models import Charge, PaymentMethod
from plans.hardship import papers_of_plan
from plans.models import Forgiven, Installment, Plan
from reports.books import check_books
from tests.collection.test_charge_offs import confirm, given_up, lost, people, propose
from tests.collection.test_disputes import bank, sold
from tests.collection.test_payments_taken_back import fail, hear_of
from tests.collection.test_respites import law
from tests.dying import dying_after
from tests.operators import make_operator

__all__ = ["bank", "confirm", "given_up", "law", "lost", "people", "propose", "sold"]
DAY = timedelta(days=1)


@pytest.fixture
def anna(db):
    return make_operator("anna@kvart.example", may=["work_case", "view_case"])


@pytest.fixture
def bo(db):
    return make_operator("bo@kvart.example", may=["approve_settlement", "work_case", "view_case"])


def plan_of(order):
    return Plan.objects.select_related("consumer", "payment_method").get(id=order.plan_id)


def offer(order, user, minor, at, count=1, first=5, note=""):
    terms = Terms.even(minor, count, at.date() + first * DAY, 30)
    return collection.settle_for(plan_id=order.plan_id, terms=terms, note=note, user=user, at=at)


def pay(order, minor, at):
    plan = plan_of(order)
    PaymentMethod.objects.filter(consumer=plan.consumer).update(blocked_at=None)
    told = {"consumer": plan.consumer, "method": plan.payment_method, "actor": plan.consumer.public_id, "at": at}
    return collection.pay_freely(amount=Money(minor, plan.currency), plan=plan, **told)


def wrong():
    return [line for check in check_books() for line in check.offenders]


def used(order):
    return CreditLine.objects.get(consumer=order.consumer).used_minor


def rows_of(order):
    found = Installment.objects.filter(plan=order.plan_id).order_by("number")
    return [(row.principal_minor, row.paid_principal_minor, row.status) for row in found]


def status_of(order):
    return Settlement.objects.filter(plan=order.plan_id).latest("id").status


@pytest.mark.django_db(transaction=True)
def test_a_late_plan_is_settled_for_less_and_owed_again_once_the_bank_takes_the_payment_back(lost, anna, settings):
    at, before = lost.late, rows_of(lost)
    made = offer(lost, anna, 13_000, at)
    assert (made.stage, made.open_minor, made.amount_minor, made.until) == ("long_late", 17_175, 13_000, at.date() + 5 * DAY)
    collection.accept_settlement(settlement_id=made.pk, actor=lost.consumer.public_id, at=at)
    assert not Installment.objects.filter(plan=lost.plan_id, status="overdue", next_attempt_at__isnull=False).exists()
    [charge] = pay(lost, 13_000, at + DAY)
    relay.drain()
    assert (status_of(lost), plan_of(lost).status, used(lost), wrong()) == ("settled", "completed", 0, [])
    forgiven = Forgiven.objects.get()
    assert (forgiven.principal_minor, forgiven.reference, forgiven.given_up) == (4_175, made.public_id, False)
    assert balance(kind="bad_debt", owner=forgiven.public_id, currency="USD") == 4_175
    assert "130.00" in papers_of_plan(plan_of(lost))["settlement"].text
    assert [one.kind for one in Message.objects.filter(channel="email", kind__startswith="settlement").order_by("id")] == [
        "settlement_offered",
        "settlement_accepted",
        "settlement_paid",
    ]
    assert not Message.objects.filter(kind="plan_completed").exists()
    fail(charge, settings)
    hear_of(charge, at + 9 * DAY)
    assert (status_of(lost), plan_of(lost).status, rows_of(lost), wrong()) == ("reopened", "active", before, [])
    assert "settlement" not in papers_of_plan(plan_of(lost))


@pytest.mark.django_db(transaction=True)
def test_less_than_one_may_agree_on_takes_two_and_the_loss_of_what_was_given_up_stays(given_up, anna, bo):
    at = given_up.late
    asked = offer(given_up, anna, 2_000, at, note="Has nothing else")
    assert isinstance(asked, Proposal)
    assert not Settlement.objects.exists()
    with pytest.raises(Forbidden):
        controls.approve_proposal(proposal_id=asked.pk, user=anna, at=at)
    # Neither the application by itself, nor with a proposal that is not carried out, nor with another amount.
    told = {"plan_id": given_up.plan_id, "consumer": given_up.consumer, "open_minor": 17_175, "owed_minor": 17_175, "made_at": at}
    told |= {"amount_minor": 2_000, "parts": [["2026-11-30", 2_000]], "until": at.date(), "made_by": str(anna.pk)}
    for more in ({"stage": "charged_off"}, {"stage": "charged_off", "proposal": asked}, {"stage": "late"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Settlement.objects.create(**told, **more)
    assert asked.before == {}
    assert SettlingByTwo().details(asked.subject, {}, asked.after)[0].rows == [["$171.75", "$20.00", "$151.75", "11.64%"]]
    controls.approve_proposal(proposal_id=asked.pk, user=bo, at=at)
    made = Settlement.objects.get()
    assert (made.stage, made.proposal, made.status) == ("charged_off", asked, "offered")
    assert SettlingByTwo().words(str(given_up.plan_id), "amount_minor", 2_000)[1] == "$20.00"
    collection.note_acceptance(settlement_id=made.pk, user=anna, at=at)
    pay(given_up, 2_000, at)
    relay.drain()
    assert (status_of(given_up), plan_of(given_up).status, wrong()) == ("settled", "completed", [])
    assert balance(kind="bad_debt", owner=Forgiven.objects.get().public_id, currency="USD") == 15_175
    checkouts.refund_order(order_id=given_up.id, merchant=given_up.merchant, amount_minor=16_000, reason="", actor="test", at=at)
    # What nobody owes comes first: 8.25 of it goes back to the card.
    assert (balance(kind="bad_debt", owner=Forgiven.objects.get().public_id, currency="USD"), wrong()) == (0, [])
    assert sum(row.refunded_minor for row in Installment.objects.filter(plan=given_up.plan_id)) == 825


@pytest.mark.django_db(transaction=True)
def test_a_breathing_space_moves_the_parts_to_come_and_breaks_nothing(lost, anna, law):
    at, today = lost.late, lost.late.date()
    made = offer(lost, anna, 15_000, at, count=3)
    collection.accept_settlement(settlement_id=made.pk, actor="con", at=at)
    pay(lost, 5_000, at + DAY)
    relay.drain()
    still = services.plans.begin_respite(consumer_id=lost.consumer_id, kind="breathing", reference="BS-1", actor="x", at=at + 10 * DAY)
    made.refresh_from_db()
    moved = [today + 5 * DAY, today + (35 + 60) * DAY, today + (65 + 60) * DAY]
    assert [day for day, _minor in terms_now(made).parts] == moved
    close = lambda day: (close_settlements(plan_ids=[lost.plan_id], day=day, at=at + (day - today)), status_of(lost))  # noqa: E731
    assert close(still.until) == (0, "accepted")
    services.plans.end_respites(zone=lost.plan.time_zone, day=still.until, at=at + 71 * DAY)
    assert close(moved[1] - DAY) == (0, "accepted")
    assert close(moved[1]) == (1, "broken")


@pytest.mark.django_db(transaction=True)
def test_a_missed_part_breaks_it_what_was_paid_counts_and_what_nobody_accepts_expires(lost, anna):
    at = lost.late
    first = offer(lost, anna, 13_000, at)
    plans = [lost.plan_id]
    assert close_settlements(plan_ids=plans, day=first.until - DAY, at=at) == 0
    assert (close_settlements(plan_ids=plans, day=first.until, at=at), status_of(lost)) == (1, "expired")
    with pytest.raises(Conflict):
        collection.accept_settlement(settlement_id=first.pk, actor="con", at=at)
    made = offer(lost, anna, 15_000, at, count=3)
    collection.accept_settlement(settlement_id=made.pk, actor="con", at=at)
    pay(lost, 5_000, at + DAY)
    relay.drain()
    assert close_settlements(plan_ids=plans, day=at.date() + 5 * DAY, at=at + 6 * DAY) == 0
    assert close_settlements(plan_ids=plans, day=at.date() + 35 * DAY, at=at + 36 * DAY) == 1
    plan = plan_of(lost)
    assert (status_of(lost), plan.status, plan.settling_until, plan.promised_until) == ("broken", "active", None, None)
    assert sum(row.open_minor for row in Installment.objects.filter(plan=plan)) == 17_175 - 5_000
    assert Installment.objects.filter(plan=plan, status="overdue", next_attempt_at__isnull=False).exists()
    for minor in (0, 12_175):
        with pytest.raises(Invalid):
            offer(lost, anna, minor, at + 40 * DAY)
    assert wrong() == []


@pytest.mark.django_db(transaction=True)
def test_acceptances_payments_and_closes_at_once_and_a_kill_settle_it_once(lost, anna, at_once):
    at = lost.late
    made = offer(lost, anna, 13_000, at)
    plans = [lost.plan_id]

    def act(number):
        if number == 0:
            return pay(lost, 13_000, at)
        if number == 1:
            return close_settlements(plan_ids=plans, day=at.date(), at=at)
        return collection.accept_settlement(settlement_id=made.pk, actor="con", at=at)

    results = at_once(4, act)
    assert all(isinstance(one, Conflict) for one in results if isinstance(one, Exception))
    if status_of(lost) == "offered":
        collection.accept_settlement(settlement_id=made.pk, actor="con", at=at)
    if status_of(lost) == "accepted":
        with dying_after(services, "end"):
            collection.settle_paid(plan_id=lost.plan_id, at=at)
        assert (status_of(lost), Forgiven.objects.count()) == ("accepted", 0)
    assert at_once(3, lambda _number: collection.settle_paid(plan_id=lost.plan_id, at=at)).count(True) <= 1
    assert (status_of(lost), Forgiven.objects.count(), plan_of(lost).status, wrong()) == ("settled", 1, "completed", [])
    assert Charge.objects.filter(reference=made.plan.public_id, amount_minor=13_000, status="succeeded").count() == 1
    reopen_settlement(plan_id=lost.plan_id, next_at=None, at=at)
    assert (status_of(lost), wrong()) == ("reopened", [])


def test_interest_on_what_a_shop_refunded_is_not_owed_again():
    made = Forgiven(rows={"1": [1_000, 101], "2": [0, 7]}, returned={"1": 250})
    assert [(made.left_of(number), made.interest_left_of(number)) for number in (1, 2, 3)] == [(750, 75), (0, 7), (0, 0)]
