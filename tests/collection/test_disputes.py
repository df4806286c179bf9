"""A charge that its cardholder disputes at the bank: nothing more of its plan is taken until the bank, or a person, has decided."""

from datetime import date, timedelta
from itertools import count

import pytest
import requests

from checkout import services as checkouts
from collection import services as collection
from core.errors import Conflict, Invalid
from core.models import OutboxEvent
from core.relay import drain
from fraud.models import Label, Link
from payments import services as payments
from payments.gateways.base import Cards, ChargeRequest, Notice
from payments.models import Break, Charge, Dispute, GatewayEvent
from plans import services as plans
from plans.errors import NothingToPay
from plans.models import Installment, Plan
from tests.collection.test_due_run import FAILS_LATER, captured, gateway_charges, states, switch
from tests.owner import tamper

EVENTS = count(1)


@pytest.fixture
def bank(sandbox_world, settings):
    """The cardholder's bank: `bank(charge)` opens a dispute, `bank(ref, "won")` decides it; both return its reference."""

    def act(about, outcome="", **opened):
        door = f"disputes/{about}/close" if outcome else f"charges/{about.public_id}/dispute"
        address = f"{settings.SANDBOX_URL}/control/{door}"
        headers = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
        answer = requests.post(address, json={"outcome": outcome} if outcome else opened, headers=headers, timeout=30)
        assert answer.status_code < 300, answer.text
        return answer.json()["id"]

    return act


@pytest.fixture
def sold(buy, merchant, at):
    """An order of which the first of four payments was charged on 22 November."""
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    return order


def hear(ref, at, kind="dispute.created", event=""):
    notice = Notice(event_id=event or f"msg_{next(EVENTS)}", kind=kind, reference=ref, about="dispute")
    return payments.receive_event(gateway="sandbox", notice=notice, at=at)


def disputed(bank, sold, at):
    ref = bank(Charge.objects.get(reference=sold.plan.public_id, status="succeeded"))
    assert hear(ref, at) is True
    return ref


@pytest.mark.parametrize(
    ("reason", "outcome", "known"), [("fraudulent", "lost", 1), ("fraudulent", "won", 0), ("product_not_received", "lost", 0)]
)
def test_a_lost_dispute_of_what_the_cardholder_did_not_buy_is_known_fraud(sold, bank, at, reason, outcome, known):
    ref = bank(Charge.objects.get(reference=sold.plan.public_id, status="succeeded"), reason=reason)
    hear(ref, at)
    bank(ref, outcome)
    hear(ref, at, "dispute.closed")
    for _ in range(2):
        drain()
    told_of = [(one.consumer_id, one.order, one.is_fraud, one.source, one.amount_minor) for one in Label.objects.all()]
    assert told_of == [(sold.consumer_id, sold.public_id, True, "chargeback", sold.amount_minor)] * known
    assert Link.objects.filter(consumer_id=sold.consumer_id, kind="card").exists()


def dates(order):
    return [row.due_date for row in Installment.objects.filter(plan=order.plan_id).order_by("number")]


def told(name):
    return [row.payload for row in OutboxEvent.objects.filter(name=name).order_by("id")]


def breaks():
    return list(Break.objects.order_by("id").values_list("kind", "status"))


def plan_of(order):
    return Plan.objects.get(id=order.plan_id)


def test_a_disputed_plan_is_left_alone_by_every_timer(sold, bank, at):
    ref = disputed(bank, sold, at)
    dispute, late = Dispute.objects.get(), at + timedelta(days=80)
    assert (dispute.gateway_ref, dispute.status, dispute.amount_minor, dispute.currency) == (ref, "open", 5_725, "USD")
    assert (dispute.reference, dispute.reason, dispute.opened_at) == (sold.plan.public_id, "product_not_received", at)
    assert plan_of(sold).stopped_at == at
    for day in range(0, 90, 3):
        moment = at + timedelta(days=day)
        assert (collection.run_due(at=moment), collection.remind_upcoming(at=moment), collection.mark_overdue(at=moment)) == (0, 0, 0)
    assert collection.charge_plan_now(plan_id=sold.plan_id, at=late) == 0
    assert states(sold) == [(1, "paid", 0), *((number, "scheduled", 0) for number in (2, 3, 4))]
    assert gateway_charges(sold) == [(5_725, "succeeded")]
    assert told("plans.plan_stopped") == [{"plan": sold.plan.public_id, "reference": sold.public_id}]
    assert (told("plans.payment_upcoming"), told("plans.installment_overdue"), breaks()) == ([], [], [("dispute", "open")])


def test_other_plans_of_the_same_person_go_on(sold, buy, merchant, bank, at):
    other = captured(buy, merchant, at, amount=10_000, merchant_reference="B-2")
    collection.run_due(at=at)
    disputed(bank, sold, at)
    assert collection.run_due(at=at + timedelta(days=14)) == 1
    assert (states(sold)[1], states(other)[1]) == ((2, "scheduled", 0), (2, "paid", 0))


def test_nobody_pays_early_and_what_is_captured_meanwhile_waits_too(buy, merchant, bank, at):
    order = buy(merchant, 22_900)
    who = {"order_id": order.id, "merchant": merchant, "actor": "test", "at": at}
    checkouts.capture_order(amount_minor=11_450, **who)
    collection.run_due(at=at)
    disputed(bank, order, at)
    plan, method = plan_of(order), plan_of(order).payment_method
    with pytest.raises(NothingToPay) as error:
        collection.pay_now(consumer=order.consumer, plan=plan, scope="all", method=method, actor="ann", at=at)
    assert error.value.code == "plans.stopped"
    checkouts.capture_order(amount_minor=11_450, **who)
    assert collection.run_due(at=at + timedelta(days=80)) == 0
    assert len(gateway_charges(order)) == 1


@pytest.mark.parametrize("again", ["card", "method", "moved"])
def test_what_makes_workers_try_again_does_not_while_it_is_stopped(sold, bank, at, again):
    disputed(bank, sold, at)
    if again == "moved":
        plans.change_time_zone(consumer_id=sold.consumer_id, time_zone="Europe/Copenhagen", at=at)
    else:
        switch(sold, "5555555555554444", at)
    assert not Installment.objects.filter(next_attempt_at__isnull=False).exists()
    assert collection.run_due(at=at + timedelta(days=80)) == 0


def test_repeated_and_shuffled_events_are_one_dispute(sold, bank, at):
    ref = bank(Charge.objects.get())
    bank(ref, "lost")
    assert hear(ref, at, "dispute.closed", "msg_closed") is True
    for kind, event in (("dispute.closed", "msg_closed"), ("dispute.created", "msg_created"), ("dispute.created", "msg_created")):
        hear(ref, at + timedelta(hours=1), kind, event)
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.opened_at, dispute.closed_at) == ("lost", at, at)
    assert breaks() == [("dispute", "closed"), ("dispute_lost", "open")]
    assert [len(told(name)) for name in ("plans.plan_stopped", "plans.plan_resumed", "payments.charge_disputed")] == [1, 0, 1]
    assert (plan_of(sold).stopped_at, GatewayEvent.objects.count()) == (at, 2)


@pytest.mark.django_db(transaction=True)
def test_the_same_news_in_many_workers_is_one_dispute(sold, bank, at, at_once):
    ref = bank(Charge.objects.get())
    assert at_once(6, lambda number: hear(ref, at, event=f"msg_same_{number}")) == [True] * 6
    assert (Dispute.objects.count(), breaks(), len(told("plans.plan_stopped"))) == (1, [("dispute", "open")], 1)


def test_a_dispute_that_is_none_of_ours_changes_nothing(sold, bank, sandbox_world, settings, at):
    stranger = ChargeRequest(
        gateway="sandbox",
        token=plan_of(sold).payment_method.token,
        payment_method_id=None,
        reference="pln_else",
        amount_minor=500,
        currency="USD",
    )
    from payments import gateways

    gateways.connect("sandbox", Cards).charge(stranger)
    ref = bank(Charge(id=stranger.id))
    for about in (ref, "dp_nothing"):
        assert hear(about, at) is True
    assert (Dispute.objects.count(), breaks(), plan_of(sold).stopped_at) == (0, [], None)


def test_a_gateway_that_is_down_is_told_again_later(sold, bank, at, monkeypatch):
    from payments.errors import GatewayUnavailable
    from payments.gateways.sandbox import SandboxGateway

    ref = bank(Charge.objects.get())

    def down(self, ref):
        raise GatewayUnavailable("It does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(SandboxGateway, "find_dispute", down)
        with pytest.raises(GatewayUnavailable):
            hear(ref, at, event="msg_down")
    assert (Dispute.objects.count(), GatewayEvent.objects.count()) == (0, 0)
    assert hear(ref, at, event="msg_down") is True
    assert plan_of(sold).stopped_at == at


def test_a_dispute_that_is_won_at_once_moves_nothing_that_is_far(sold, bank, at):
    ref, before = disputed(bank, sold, at), dates(sold)
    bank(ref, "won")
    for _ in range(2):
        hear(ref, at + timedelta(days=2), "dispute.closed")
    assert (Dispute.objects.get().status, breaks()) == ("won", [("dispute", "closed")])
    assert (plan_of(sold).stopped_at, dates(sold)) == (None, before)
    assert told("plans.plan_resumed") == [{"plan": sold.plan.public_id, "reference": sold.public_id, "first_day": "2026-12-01"}]
    assert [day for day in range(60) if collection.run_due(at=at + timedelta(days=day))] == [14, 28, 42]
    assert gateway_charges(sold) == [(5_725, "succeeded")] * 4


def test_what_was_missed_gets_new_days_with_the_old_distances_and_is_charged_once(sold, bank, at):
    assert dates(sold) == [date(2026, 11, 22), date(2026, 12, 6), date(2026, 12, 20), date(2027, 1, 3)]
    ref, won = disputed(bank, sold, at), at + timedelta(days=35)
    bank(ref, "won")
    hear(ref, won, "dispute.closed")
    assert won.date() == date(2026, 12, 27)
    assert dates(sold) == [date(2026, 11, 22), date(2027, 1, 3), date(2027, 1, 17), date(2027, 1, 31)]
    change = plan_of(sold).changes.get(kind="resumed")
    assert [row["due_date"] for row in change.before][1:] == ["2026-12-06", "2026-12-20", "2027-01-03"]
    tried = [day for day in range(60) if collection.run_due(at=won + timedelta(days=day))]
    assert (tried, collection.mark_overdue(at=won + timedelta(days=60))) == ([7, 21, 35], 0)
    assert (gateway_charges(sold), plan_of(sold).status) == ([(5_725, "succeeded")] * 4, "completed")


def test_the_person_is_reminded_of_the_new_day(sold, bank, at):
    collection.remind_upcoming(at=at + timedelta(days=11))
    ref, won = disputed(bank, sold, at + timedelta(days=12)), at + timedelta(days=20)
    bank(ref, "won")
    hear(ref, won, "dispute.closed")
    assert [day for day in range(7) if collection.remind_upcoming(at=won + timedelta(days=day))] == [4]


def test_what_was_late_before_stays_late_and_is_tried_after_the_week(sold, bank, at):
    switch(sold, FAILS_LATER["stolen"], at)
    payments.remove_method(consumer=sold.consumer, method=sold.plan.payment_method, at=at)
    late = at + timedelta(days=16)
    collection.run_due(at=late)
    assert collection.mark_overdue(at=late) == 1
    ref = disputed(bank, sold, late)
    switch(sold, "4242424242424242", late)
    assert collection.run_due(at=late) == 0
    bank(ref, "won")
    hear(ref, late, "dispute.closed")
    assert dates(sold)[1] == date(2026, 12, 6)
    assert [day for day in range(13) if collection.run_due(at=late + timedelta(days=day))] == [7, 12]
    assert states(sold)[1][1] == "paid"


def test_a_lost_dispute_stops_the_plan_until_a_person_decides_with_a_reason(sold, bank, at):
    ref, lost = disputed(bank, sold, at), at + timedelta(days=30)
    bank(ref, "lost")
    hear(ref, lost, "dispute.closed")
    assert breaks() == [("dispute", "closed"), ("dispute_lost", "open")]
    assert collection.run_due(at=lost) == 0
    row = Break.objects.get(kind="dispute_lost")
    with pytest.raises(Invalid):
        collection.resume_charging(break_id=row.id, note=" ", actor="olivia", at=lost)
    assert plan_of(sold).stopped_at == at
    collection.resume_charging(break_id=row.id, note="She paid by mistake at the bank", actor="olivia", at=lost)
    row.refresh_from_db()
    assert (row.status, row.closed_by, row.note) == ("closed", "olivia", "She paid by mistake at the bank")
    assert (plan_of(sold).stopped_at, plan_of(sold).changes.get(kind="resumed").actor) == (None, "olivia")
    assert dates(sold)[1:] == [date(2026, 12, 29), date(2027, 1, 12), date(2027, 1, 26)]
    with pytest.raises(Conflict):
        collection.resume_charging(break_id=row.id, note="Again", actor="olivia", at=lost)
    assert states(sold)[0] == (1, "overdue", 0)
    assert collection.run_due(at=lost + timedelta(days=7)) == 2


def test_a_break_that_is_closed_without_more_leaves_the_plan_stopped(sold, bank, at):
    ref = disputed(bank, sold, at)
    payments.close_break(break_id=Break.objects.get().id, note="Seen", actor="olivia", at=at)
    bank(ref, "lost")
    hear(ref, at, "dispute.closed")
    payments.close_break(break_id=Break.objects.get(kind="dispute_lost").id, note="Leave it", actor="olivia", at=at)
    assert collection.run_due(at=at + timedelta(days=80)) == 0


def test_a_plan_that_a_person_let_go_on_stops_again_where_the_dispute_is_lost(sold, bank, at):
    ref = disputed(bank, sold, at)
    collection.resume_charging(break_id=Break.objects.get().id, note="Withdrawn, says the bank", actor="olivia", at=at)
    assert collection.run_due(at=at + timedelta(days=14)) == 1
    bank(ref, "lost")
    hear(ref, at + timedelta(days=20), "dispute.closed")
    assert plan_of(sold).stopped_at == at + timedelta(days=20)
    assert breaks() == [("dispute", "closed"), ("dispute_lost", "open")]
    assert collection.run_due(at=at + timedelta(days=80)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_disputes_of_one_plan_that_are_won_at_once_let_it_go_on(sold, bank, at, at_once):
    collection.run_due(at=at + timedelta(days=14))
    refs = [bank(charge) for charge in Charge.objects.order_by("id")]
    for ref in refs:
        hear(ref, at + timedelta(days=15))
    bank(refs[0], "won")
    hear(refs[0], at + timedelta(days=15), "dispute.closed")
    assert plan_of(sold).stopped_at is not None
    tamper("UPDATE payments_dispute SET status = 'open', closed_at = NULL WHERE gateway_ref = %s", [refs[0]])
    bank(refs[1], "won")
    assert at_once(2, lambda number: hear(refs[number], at + timedelta(days=15), "dispute.closed")) == [True, True]
    assert (plan_of(sold).stopped_at, set(Dispute.objects.values_list("status", flat=True))) == (None, {"won"})
    assert len(told("plans.plan_resumed")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_due_run_and_a_dispute_at_once_charge_once_or_not_at_all(sold, bank, at, at_once):
    """Whichever comes first: a claim that was there is settled, and nothing is claimed afterwards."""
    ref, due = bank(Charge.objects.get()), at + timedelta(days=14)
    work = [lambda: hear(ref, due), lambda: collection.run_due(at=due), lambda: collection.run_due(at=due)]
    results = at_once(3, lambda number: work[number]())
    assert [result for result in results if isinstance(result, Exception)] == []
    charged = len(gateway_charges(sold))
    assert charged == 1 + results[1] + results[2] <= 2
    assert (plan_of(sold).stopped_at, Installment.objects.filter(charge_id__isnull=False).count()) == (due, 0)
    assert states(sold)[1][1] == ("paid" if charged == 2 else "scheduled")
    assert collection.run_due(at=due + timedelta(days=60)) == 0
    assert not Installment.objects.filter(status__in=Installment.OPEN, next_attempt_at__isnull=False).exists()


def test_a_claim_that_fails_while_the_plan_is_stopped_is_not_tried_again(sold, bank, at):
    switch(sold, FAILS_LATER["funds"], at)
    due = at + timedelta(days=14)
    requests_, _, _ = collection.claim_due(at=due)
    disputed(bank, sold, due)
    payments.run_charges(requests=requests_, at=due)
    assert (states(sold)[1], collection.run_due(at=due + timedelta(days=30))) == ((2, "scheduled", 1), 0)
