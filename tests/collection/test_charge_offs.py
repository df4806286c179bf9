"""Plans that two operators give up: what is lost, what is still owed, and what the books say of everything that comes later."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from checkout import services as checkouts
from collection import services as collection
from collection.models import ClosedDay
from collection.queries import list_to_give_up
from collection.services import close_days
from controls import services as controls
from controls.errors import AlreadyProposed, Changed, OnePerson
from controls.models import Proposal
from core import relay
from core.errors import Conflict, Invalid
from credit.models import CreditLine
from ledger import turns
from ledger.models import Entry
from ledger.queries import balance
from markets.models import MarketSetting
from notifications.models import Message
from payments import services as payments
from payments.models import Charge, PaymentMethod, Refund
from plans import services as plans
from plans.models import ChargeOff, Installment, Plan
from plans.queries import list_overdue
from reports.books import check_books
from tests.collection.test_disputes import bank, hear, sold
from tests.collection.test_due_run import captured, told
from tests.collection.test_payments_taken_back import decide, fail, first, hear_of
from tests.operators import make_operator
from tests.owner import as_owner, unguarded

__all__ = ["bank", "sold"]
FACTS = {"cause": "uncollectible", "reason": "Three letters came back"}
MAY = ["propose_chargeoff", "confirm_chargeoff"]
OWED = 17_175


def wrong():
    return [line for check in check_books() for line in check.offenders]


@pytest.fixture
def people(db):
    return [make_operator(f"{name}@kvart.example", may=MAY) for name in ("olivia", "oscar")]


@pytest.fixture
def lost(sold, at, people):
    """An order whose first payment was made and whose others were not: 120 days after the second was due."""
    PaymentMethod.objects.filter(consumer=sold.consumer).update(blocked_at=at)
    sold.late = at + timedelta(days=14 + 120)
    collection.run_due(at=sold.late)
    collection.mark_overdue(at=sold.late)
    return sold


def propose(lost, people, at=None, **how):
    return collection.propose_charge_off(plan_id=lost.plan_id, user=people[0], at=at or lost.late, **FACTS | how)


def confirm(lost, people, made, who=1):
    controls.approve_proposal(proposal_id=made.pk, user=people[who], at=lost.late)
    return ChargeOff.objects.latest("id")


@pytest.fixture
def given_up(lost, people):
    lost.charge_off = confirm(lost, people, propose(lost, people))
    return lost


def books(order):
    of_plan = {kind: balance(kind=kind, owner=order.plan.public_id, currency="USD") for kind in ("receivable", "unearned_interest")}
    of_plan["bad_debt"] = sum(balance(kind="bad_debt", owner=row.public_id, currency="USD") for row in ChargeOff.objects.all())
    return tuple(of_plan.values())


def plan_of(order):
    return Plan.objects.get(id=order.plan_id)


def used(order):
    return CreditLine.objects.get(consumer=order.consumer).used_minor


def pay(order, at, scope="all"):
    card = payments.add_card(consumer=order.consumer, number="4242424242424242", at=at)
    return collection.pay_now(consumer=order.consumer, plan=plan_of(order), scope=scope, method=card, actor="her", at=at)


def test_two_people_give_a_plan_up_and_what_is_open_is_lost(lost, people):
    in_use, row = used(lost), propose(lost, people)
    assert (plan_of(lost).status, books(lost)) == ("active", (OWED, 0, 0))
    done = confirm(lost, people, row)
    assert (done.status, done.principal_minor, done.interest_minor, done.proposal) == ("confirmed", OWED, 0, row)
    assert (done.note, done.proposed_by, done.closed_by) == (FACTS["reason"], str(people[0].pk), str(people[1].pk))
    row.refresh_from_db()
    assert (row.status, row.outcome) == ("applied", done.public_id)
    assert (plan_of(lost).status, books(lost), wrong()) == ("charged_off", (0, 0, OWED), [])
    assert (used(lost), len(list_overdue(lost.consumer.holder_id))) == (in_use, 1)
    assert told("plans.charge_off_confirmed") == [{"plan": lost.plan.public_id, "reference": lost.public_id, "amount_minor": OWED}]
    relay.drain()
    letter = Message.objects.get(kind="plan_given_up", channel="email")
    assert (letter.consumer_id, letter.context["amount_minor"]) == (lost.consumer_id, OWED)
    before = (Charge.objects.count(), len(told("plans.installment_overdue")))
    payments.add_card(consumer=lost.consumer, number="4242424242424242", at=lost.late)
    later = lost.late + timedelta(days=60)
    assert (collection.run_due(at=later), collection.mark_overdue(at=later), collection.remind_upcoming(at=later)) == (0, 0, 0)
    assert before == (Charge.objects.count(), len(told("plans.installment_overdue")))
    assert not Installment.objects.filter(plan=lost.plan_id, next_attempt_at__isnull=False).exists()


def test_the_person_may_still_pay_and_that_is_a_recovery_once(given_up):
    in_use = used(given_up)
    charge = pay(given_up, given_up.late, scope="next")
    assert (charge.status, books(given_up), wrong()) == ("succeeded", (0, 0, OWED - charge.amount_minor), [])
    assert used(given_up) == in_use - charge.amount_minor
    assert list(Entry.objects.filter(kind="recovery").values_list("source", flat=True)) == [charge.public_id]
    with pytest.raises(IntegrityError):
        plans.settle_charges(charge_ids=[charge.id], at=given_up.late)
    pay(given_up, given_up.late)
    assert (plan_of(given_up).status, books(given_up), used(given_up), wrong()) == ("completed", (0, 0, 0), 0, [])
    assert list_overdue(given_up.consumer.holder_id) == []


def test_what_its_bank_takes_back_later_is_lost_too(given_up, bank, at):
    ref = bank(first(given_up))
    hear(ref, given_up.late)
    assert (wrong(), plan_of(given_up).status) == ([], "charged_off")
    decide(bank, ref, "lost", given_up.late)
    assert (books(given_up), wrong()) == ((0, 0, OWED + 5_725), [])
    row = Installment.objects.get(plan=given_up.plan_id, number=1)
    assert (row.status, row.next_attempt_at) == ("overdue", None)
    decide(bank, ref, "won", given_up.late)
    assert (books(given_up), wrong(), plan_of(given_up).status) == ((0, 0, OWED), [], "charged_off")


def test_a_recovery_that_comes_back_is_a_claim_again_and_may_be_given_up_again(given_up, settings, people):
    charge = pay(given_up, given_up.late)
    fail(charge, settings)
    hear_of(charge, given_up.late)
    assert (plan_of(given_up).status, books(given_up), wrong()) == ("active", (OWED, 0, 0), [])
    confirm(given_up, people, propose(given_up, people))
    assert (plan_of(given_up).status, books(given_up), wrong()) == ("charged_off", (0, 0, OWED), [])


def test_a_refund_of_the_shop_lowers_the_loss_and_pays_back_what_is_more(given_up, merchant):
    who = {"order_id": given_up.id, "merchant": merchant, "actor": "test", "at": given_up.late}
    checkouts.refund_order(amount_minor=7_175, reason="", **who)
    assert (books(given_up), wrong()) == ((0, 0, 10_000), [])
    checkouts.refund_order(amount_minor=11_000, reason="", **who)
    assert (books(given_up), wrong(), plan_of(given_up).status) == ((0, 0, 0), [], "completed")
    assert Refund.objects.get().amount_minor == 1_000


def test_interest_that_was_never_earned_is_no_loss(buy, merchant, at, people):
    order = captured(buy, merchant, at, 60_000, product="monthly_6")
    PaymentMethod.objects.filter(consumer=order.consumer).update(blocked_at=at)
    order.late = at + timedelta(days=31 + 120)
    collection.run_due(at=order.late)
    collection.mark_overdue(at=order.late)
    seen = sum(row.open_minor for row in Installment.objects.filter(plan=order.plan_id))
    done = confirm(order, people, propose(order, people))
    assert (done.principal_minor, done.interest_minor) == (60_000, seen - 60_000)
    assert (done.interest_minor > 0, books(order), wrong()) == (True, (0, 0, 60_000), [])
    charge = pay(order, order.late, scope="next")
    income = -balance(kind="interest_income", owner="", currency="USD")
    assert (income > 0, books(order), wrong()) == (True, (0, 0, 60_000 - charge.amount_minor + income), [])
    pay(order, order.late)
    assert (plan_of(order).status, books(order), wrong()) == ("completed", (0, 0, 0), [])


def test_who_proposes_does_not_confirm(lost, people):
    row = propose(lost, people)
    with pytest.raises(OnePerson):
        confirm(lost, people, row, who=0)
    assert (plan_of(lost).status, books(lost)) == ("active", (OWED, 0, 0))
    with pytest.raises(IntegrityError, match="two operators"), transaction.atomic():
        Plan.objects.filter(id=lost.plan_id).update(status="charged_off")
    forged = {"plan": lost.plan, "proposal": row, "reason": "fraud", "note": "x", "principal_minor": OWED, "interest_minor": 0}
    forged |= {"proposed_by": str(people[0].pk), "proposed_at": lost.late, "closed_by": str(people[1].pk), "closed_at": lost.late}
    for given in (forged, forged | {"proposal": None}):
        with pytest.raises(IntegrityError, match="no two operators agreed"), transaction.atomic():
            ChargeOff.objects.create(**given)


def test_what_two_agreed_on_gives_up_no_other_plan_and_no_second_time(given_up, people):
    done = given_up.charge_off
    told = {"plan": given_up.plan, "proposal": done.proposal, "reason": "fraud", "note": "x", "principal_minor": 1, "interest_minor": 0}
    told |= {"proposed_by": done.proposed_by, "proposed_at": done.proposed_at, "closed_by": done.closed_by, "closed_at": given_up.late}
    with pytest.raises(IntegrityError, match="no two operators agreed"), transaction.atomic():
        ChargeOff.objects.create(**told)
    pay(given_up, given_up.late)
    with unguarded():
        Plan.objects.filter(id=given_up.plan_id).update(status="active")
    with pytest.raises(IntegrityError, match="two operators"), transaction.atomic():
        Plan.objects.filter(id=given_up.plan_id).update(status="charged_off")


@pytest.mark.parametrize(("how", "field"), [({"cause": "bored"}, "cause"), ({"reason": " "}, "reason")])
def test_a_reason_of_the_list_and_a_finding_are_needed(lost, people, how, field):
    with pytest.raises(Invalid) as refused:
        propose(lost, people, **how)
    assert (list(refused.value.fields), Proposal.objects.count()) == ([field], 0)


def test_a_plan_is_not_given_up_before_its_market_s_days(lost, people):
    early = lost.late - timedelta(days=1)
    with pytest.raises(Conflict) as refused:
        propose(lost, people, at=early)
    assert refused.value.code == "plans.not_late_enough"
    assert [one.plan_id for one in list_to_give_up(at=lost.late, limit=10)] == [lost.plan_id]
    assert list_to_give_up(at=early, limit=10) == []
    with unguarded():
        MarketSetting.objects.create(market_id="US", key="charge_off.days", value=150, valid_from=date(2026, 1, 1), source="test")
    assert list_to_give_up(at=lost.late, limit=10) == []
    with pytest.raises(Conflict):
        propose(lost, people)


def test_nothing_is_given_up_while_a_bank_decides_or_a_payment_is_under_way(lost, people, bank):
    row = propose(lost, people)
    ref = bank(first(lost))
    hear(ref, lost.late)
    with pytest.raises(Conflict) as refused:
        confirm(lost, people, row)
    assert (refused.value.code, plan_of(lost).status) == ("plans.disputed", "active")
    decide(bank, ref, "lost", lost.late)
    with pytest.raises(Changed, match="What is owed changed"):
        confirm(lost, people, row)
    controls.withdraw_proposal(proposal_id=row.pk, user=people[0], at=lost.late)
    confirm(lost, people, propose(lost, people))
    assert (books(lost), wrong(), plan_of(lost).stopped_at) == ((0, 0, OWED + 5_725), [], None)
    pay(lost, lost.late)
    assert (plan_of(lost).status, wrong()) == ("completed", [])


def test_a_proposal_is_withdrawn_and_made_anew(lost, people):
    row = propose(lost, people)
    with pytest.raises(AlreadyProposed):
        propose(lost, people)
    controls.withdraw_proposal(proposal_id=row.pk, user=people[0], at=lost.late)
    with pytest.raises(Conflict):
        confirm(lost, people, row)
    assert (plan_of(lost).status, propose(lost, people).status) == ("active", "proposed")


def test_what_the_shop_may_still_ship_is_waited_for(buy, merchant, at, people):
    order = buy(merchant, 22_900, at)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=10_000, actor="test", at=at)
    with pytest.raises(Conflict) as refused:
        collection.propose_charge_off(plan_id=order.plan_id, user=people[0], at=at + timedelta(days=130), **FACTS)
    assert refused.value.code == "plans.order_open"


@pytest.mark.django_db(transaction=True)
def test_two_confirm_at_once_and_it_is_lost_once(lost, people, at_once):
    row = propose(lost, people)
    people.append(make_operator("otto@kvart.example", may=MAY))
    results = at_once(2, lambda number: confirm(lost, people, row, who=number + 1))
    assert sorted(type(one).__name__ for one in results) == ["ChargeOff", "Decided"]
    assert (Entry.objects.filter(kind="charge_off").count(), books(lost), wrong()) == (1, (0, 0, OWED), [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_a_payment_a_refund_and_the_confirmation_at_once(lost, people, merchant, at_once, seed):
    row = propose(lost, people)
    card = payments.add_card(consumer=lost.consumer, number="4242424242424242", at=lost.late)
    how = {"consumer": lost.consumer, "scope": "next", "method": card, "actor": "her", "at": lost.late}
    who = {"order_id": lost.id, "merchant": merchant, "actor": "test", "at": lost.late}
    acts = [
        lambda: confirm(lost, people, row),
        lambda: collection.pay_now(plan=plan_of(lost), **how),
        lambda: checkouts.refund_order(amount_minor=1_000, reason="", **who),
    ]
    results = at_once(3, lambda number: acts[(number + seed) % 3]())
    assert all(isinstance(one, Conflict) or not isinstance(one, Exception) for one in results), results
    status, owed = plan_of(lost).status, sum(one.open_minor for one in Installment.objects.filter(plan=lost.plan_id))
    assert books(lost) == ((0, 0, owed) if status == "charged_off" else (owed, 0, 0))
    assert wrong() == []


@pytest.mark.django_db(transaction=True)
def test_who_dies_while_it_is_posted_gives_nothing_up(lost, people, monkeypatch):
    row, genuine = propose(lost, people), turns.charged_off

    def dying(postings):
        genuine(postings)
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(turns, "charged_off", dying)
    with pytest.raises((OperationalError, InterfaceError)):
        confirm(lost, people, row)
    connection.close()
    assert (plan_of(lost).status, Proposal.objects.get().status, books(lost), wrong()) == ("active", "proposed", (OWED, 0, 0), [])
    monkeypatch.undo()
    confirm(lost, people, row)
    assert (plan_of(lost).status, books(lost), wrong()) == ("charged_off", (0, 0, OWED), [])


def close_day(order, days):
    """Run the close of the day on which the second payment was late for so many days, some hours after it ended."""
    late = Installment.objects.get(plan=order.plan_id, number=2).due_date
    day = late + timedelta(days=days)
    at = datetime.combine(day + timedelta(days=1), time(12), tzinfo=UTC)
    zone = plan_of(order).time_zone
    ClosedDay.objects.get_or_create(zone=zone, day=day - timedelta(days=1), defaults={"opened_at": at, "closed_at": at})
    close_days(at=at)
    return at


def test_the_close_of_the_day_gives_up_what_is_late_for_its_market_s_days_once(lost):
    with unguarded():
        ClosedDay.objects.all().delete()
    close_day(lost, 119)
    assert plan_of(lost).status == "active"
    at = close_day(lost, 120)
    done = ChargeOff.objects.get()
    assert (done.reason, done.principal_minor, done.proposal, done.closed_by, done.proposed_by) == (
        "by_day",
        OWED,
        None,
        "close_of_day",
        "",
    )
    assert (plan_of(lost).status, books(lost), wrong()) == ("charged_off", (0, 0, OWED), [])
    assert [one["amount_minor"] for one in told("plans.charge_off_confirmed")] == [OWED]
    close_days(at=at + timedelta(days=1))
    assert ChargeOff.objects.count() == 1
    charge = pay(lost, at)
    assert (charge.amount_minor, plan_of(lost).status, books(lost), wrong()) == (OWED, "completed", (0, 0, 0), [])


def test_a_payment_that_comes_back_is_owed_and_the_next_close_gives_it_up_again(lost, settings):
    with unguarded():
        ClosedDay.objects.all().delete()
    at = close_day(lost, 120)
    charge = pay(lost, at)
    fail(charge, settings)
    hear_of(charge, at)
    assert (plan_of(lost).status, books(lost)) == ("active", (OWED, 0, 0))
    close_days(at=at + timedelta(days=1))
    assert (plan_of(lost).status, books(lost), wrong(), ChargeOff.objects.count()) == ("charged_off", (0, 0, OWED), [], 2)


def test_a_market_without_the_setting_gives_nothing_up_by_itself_and_the_database_agrees(lost, people):
    with unguarded():
        ClosedDay.objects.all().delete()
        MarketSetting.objects.filter(key="charge_off.by_day").delete()
    close_day(lost, 200)
    assert (plan_of(lost).status, ClosedDay.objects.filter(fault="").count()) == ("active", ClosedDay.objects.count())
    made = {"reason": "by_day", "principal_minor": OWED, "interest_minor": 0, "proposed_at": lost.late, "closed_at": lost.late}
    with pytest.raises(IntegrityError, match="no two operators agreed"), transaction.atomic():
        ChargeOff.objects.create(plan=lost.plan, closed_by="close_of_day", **made)
    confirm(lost, people, propose(lost, people))


def test_a_disputed_plan_waits_and_a_setting_that_changed_since_the_day_stops_nothing(lost, bank):
    with unguarded():
        ClosedDay.objects.all().delete()
    ref = bank(first(lost))
    hear(ref, lost.late)
    at = close_day(lost, 121)
    assert plan_of(lost).status == "active"
    decide(bank, ref, "won", at)
    day = at.date() + timedelta(days=1)
    with unguarded():
        MarketSetting.objects.create(market_id="US", key="charge_off.by_day", value=180, valid_from=day, source="test", note="P")
        MarketSetting.objects.filter(key="charge_off.by_day", value=120).update(valid_to=day)
    close_days(at=at + timedelta(days=1))
    assert (plan_of(lost).status, ClosedDay.objects.exclude(fault="").count()) == ("active", 0)
