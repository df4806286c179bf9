"""Debts that are sold: by two operators, once, and what comes for them is the buyer's."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from checkout import services as checkouts
from checkout.models import Order
from collection import services as collection
from collection.models import Case, Complaint
from controls import services as controls
from controls.errors import Changed, OnePerson
from core import clock, relay
from core.errors import Conflict, Forbidden
from ledger.queries import balance
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from plans.errors import NothingToPay
from plans.hardship import papers_of_plan
from plans.models import BuyerPayment, DebtSale, Plan, SoldPlan, Standstill
from plans.queries import list_overdue
from plans.services.selling import pass_on
from portals.consumer.purchases.debts import debt_steps
from portals.consumer.purchases.queries import with_installments
from tests.collection.test_charge_offs import OWED, books, given_up, lost, pay, people, plan_of, wrong
from tests.collection.test_disputes import bank, hear, sold
from tests.collection.test_payments_taken_back import decide, fail, first, hear_of
from tests.collection.test_receipts import MAY, record
from tests.operators import make_operator, permit

__all__ = ["bank", "given_up", "lost", "people", "sold"]
SELLING = ["propose_debtsale", "confirm_debtsale", "view_debtsale", "view_person"]
TOLD = {"market": "US", "buyer": "Harbor Debt LLC", "contact": "1 Pier Road, +1 617 555 0100", "price_bps": 800, "warranty_days": 180}
TOLD |= {"least_minor": 1, "most_minor": 10**9, "causes": ("uncollectible", "by_day")}
PRICE = 1_374


@pytest.fixture
def sellers(db):
    return [make_operator(f"{name}@kvart.example", may=SELLING) for name in ("fay", "gus")]


def listed(order, sellers, **how):
    return collection.list_debts(user=sellers[0], at=order.late, given_up_until=order.late.date(), **TOLD | how)


def agree(made, sellers, order):
    controls.approve_proposal(proposal_id=made.pk, user=sellers[1], at=order.late)


def sell(order, sellers):
    sale = listed(order, sellers)
    agree(collection.propose_sale(sale_id=sale.pk, reason="The best of three bids", user=sellers[0], at=order.late), sellers, order)
    return DebtSale.objects.get(pk=sale.pk)


def buyer(sale):
    return balance(kind="debt_buyers", owner=sale.public_id, currency="USD")


def note(order, what):
    """Note that the person of an order died, or hand a complaint of theirs over."""
    if what == "deceased":
        told = {"kind": "deceased", "noted_by": "test", "noted_at": order.late}
        return Standstill.objects.create(consumer=order.consumer, person=order.consumer_id, **told)
    facts = {"currency": "USD", "opened_on": order.late.date(), "rank": 1, "days": 1, "plans": 1, "late_minor": 1}
    case = Case.objects.filter(consumer=order.consumer).first() or Case.objects.create(consumer=order.consumer, **facts)
    told = {"about": "They were rude", "answer_by": order.late.date(), "made_by": "test", "made_at": order.late}
    return Complaint.objects.create(case=case, consumer=order.consumer, **told)


def test_two_sell_a_list_and_the_person_pays_the_buyer(given_up, sellers):
    sale = listed(given_up, sellers)
    assert (plan_of(given_up).sold_at, buyer(sale)) == (None, 0)
    made = collection.propose_sale(sale_id=sale.pk, reason="The best of three bids", user=sellers[0], at=given_up.late)
    with pytest.raises(OnePerson):
        controls.approve_proposal(proposal_id=made.pk, user=sellers[0], at=given_up.late)
    agree(made, sellers, given_up)
    sale.refresh_from_db()
    assert (sale.sold_at, plan_of(given_up).sold_at, SoldPlan.objects.get().price_minor) == (given_up.late, given_up.late, PRICE)
    assert (buyer(sale), balance(kind="debt_sales", owner=sale.public_id, currency="USD")) == (PRICE, -PRICE)
    assert (books(given_up), wrong()) == ((0, 0, OWED), [])
    with pytest.raises(NothingToPay) as refused:
        pay(given_up, given_up.late)
    assert refused.value.code == "plans.sold"
    relay.drain()
    letter = Message.objects.get(kind="debt_sold", channel="email")
    assert (letter.context["buyer"], letter.context["amount_minor"]) == ("Harbor Debt LLC", OWED)
    with pytest.raises(Conflict):
        listed(given_up, sellers)


def test_what_comes_for_a_sold_debt_is_the_buyer_s_and_what_came_before_is_not(given_up, sellers, merchant, settings):
    paid = pay(given_up, given_up.late - timedelta(minutes=1), scope="next")
    sale = sell(given_up, sellers)
    face = OWED - paid.amount_minor
    assert SoldPlan.objects.get().face_minor == face
    price = buyer(sale)
    who = {"order_id": given_up.id, "merchant": merchant, "actor": "test", "at": given_up.late}
    checkouts.refund_order(amount_minor=2_000, reason="", **who)
    assert (buyer(sale), SoldPlan.objects.get().passed_minor, wrong()) == (price - 2_000, 2_000, [])
    # What came before the sale and is taken back is our loss alone: the buyer keeps what came since.
    fail(paid, settings)
    hear_of(paid, given_up.late)
    assert (buyer(sale), SoldPlan.objects.get().passed_minor, wrong()) == (price - 2_000, 2_000, [])
    assert plan_of(given_up).status == "charged_off"


def test_money_of_before_the_sale_stays_ours_whatever_its_bank_decides(given_up, sellers, bank):
    sale, ref = sell(given_up, sellers), bank(first(given_up))
    hear(ref, given_up.late)
    for outcome in ("lost", "won"):
        decide(bank, ref, outcome, given_up.late)
        assert (buyer(sale), SoldPlan.objects.get().passed_minor, wrong()) == (PRICE, 0, [])


def test_no_more_is_taken_from_the_buyer_than_came_since_the_sale(given_up, sellers):
    sale, plan = sell(given_up, sellers), plan_of(given_up)
    pass_on(plan=plan, amount_minor=500, source="one", at=given_up.late)
    assert buyer(sale) == PRICE - 500
    pass_on(plan=plan, amount_minor=-700, source="two", at=given_up.late, came=given_up.late)
    assert (buyer(sale), SoldPlan.objects.get().passed_minor) == (PRICE, 0)


def test_no_more_than_was_sold_goes_to_the_buyer(given_up, sellers):
    sale, plan = sell(given_up, sellers), plan_of(given_up)
    for source, minor in (("one", OWED - 300), ("two", 1_000)):
        pass_on(plan=plan, amount_minor=minor, source=source, at=given_up.late)
    assert (buyer(sale), SoldPlan.objects.get().passed_minor) == (PRICE - OWED, OWED)


def test_nobody_is_sent_to_the_buyer_once_nothing_is_left(given_up, sellers, merchant):
    def purchase():
        return with_installments([Order.objects.select_related("plan__product").get(pk=given_up.pk)])[0]

    sale = sell(given_up, sellers)
    assert purchase().is_sold
    checkouts.refund_order(order_id=given_up.id, amount_minor=22_900, reason="", merchant=merchant, actor="test", at=given_up.late)
    assert (purchase().left_minor, purchase().is_sold, plan_of(given_up).status) == (0, False, "completed")
    assert (buyer(sale), wrong()) == (PRICE - OWED, [])
    told = {"cause": "bought_back", "price_minor": 1, "reason": "Paid", "user": sellers[0], "at": given_up.late}
    agree(collection.propose_return(plan_id=given_up.plan_id, **told), sellers, given_up)
    relay.drain()
    assert (plan_of(given_up).sold_at, Message.objects.filter(kind="debt_returned").exists()) == (None, False)


@pytest.mark.parametrize("meanwhile", ["deceased", "complains"])
def test_a_list_is_not_sold_once_a_person_of_it_died_or_complained(given_up, sellers, meanwhile):
    sale = listed(given_up, sellers)
    made = collection.propose_sale(sale_id=sale.pk, reason="A bid", user=sellers[0], at=given_up.late)
    note(given_up, meanwhile)
    with pytest.raises((Conflict, Changed), match="changed since"):
        agree(made, sellers, given_up)
    assert (Plan.objects.exclude(sold_at=None).count(), buyer(sale)) == (0, 0)
    with pytest.raises(Conflict, match="fits this choice"):
        listed(given_up, sellers)


def test_a_list_that_changed_is_not_sold(given_up, sellers, merchant):
    sale = listed(given_up, sellers)
    made = collection.propose_sale(sale_id=sale.pk, reason="A bid", user=sellers[0], at=given_up.late)
    pay(given_up, given_up.late, scope="next")
    with pytest.raises(Conflict, match="changed since"):
        agree(made, sellers, given_up)
    assert (Plan.objects.exclude(sold_at=None).count(), DebtSale.objects.exclude(sold_at=None).count(), buyer(sale)) == (0, 0, 0)


def test_a_debt_comes_back_within_the_warranty_and_is_bought_back_after_it(given_up, sellers):
    sale = sell(given_up, sellers)
    told = {"plan_id": given_up.plan_id, "reason": "A death certificate", "user": sellers[0]}
    with pytest.raises(Conflict, match="changed meanwhile"):
        collection.propose_return(cause="deceased", price_minor=PRICE - 1, at=given_up.late, **told)
    with pytest.raises(Conflict) as refused:
        collection.propose_return(cause="deceased", price_minor=PRICE, at=given_up.late + timedelta(days=181), **told)
    assert refused.value.code == "plans.warranty_over"
    agree(collection.propose_return(cause="deceased", price_minor=PRICE, at=given_up.late, **told), sellers, given_up)
    assert (buyer(sale), plan_of(given_up).sold_at, wrong()) == (0, None, [])
    relay.drain()
    assert Message.objects.filter(kind="debt_returned", channel="email").count() == 1
    charge = pay(given_up, given_up.late)
    assert (charge.amount_minor, plan_of(given_up).status, buyer(sale), wrong()) == (OWED, "completed", 0, [])


def test_what_was_rightly_disputed_falls_away_as_it_comes_back(given_up, sellers):
    sale = sell(given_up, sellers)
    told = {"plan_id": given_up.plan_id, "cause": "disputed", "price_minor": PRICE, "reason": "Never got it", "user": sellers[0]}
    made = collection.propose_return(at=given_up.late, **told)
    assert plan_of(given_up).status == "charged_off"
    agree(made, sellers, given_up)
    plan = plan_of(given_up)
    assert (buyer(sale), plan.sold_at, plan.status, wrong()) == (0, None, "completed", [])
    assert list_overdue(given_up.consumer.holder_id) == []
    relay.drain()
    letter = Message.objects.get(kind="debt_returned", channel="email")
    assert "you were right: you owe nothing more" in compose_letter(letter, load_named([letter])).text
    assert [what for _at, what, _why in debt_steps(plan, "en")] == [
        "We stopped collecting this purchase",
        "We sold what you owed to Harbor Debt LLC",
        "Harbor Debt LLC gave it back to us",
    ]
    paper = papers_of_plan(plan)["settlement"]
    assert (paper.title, f"{given_up.merchant_reference} at {given_up.merchant.name}" in paper.text) == ("What you no longer owe", True)


def test_what_was_paid_before_the_sale_comes_back_once_its_money_is_entered_and_is_none_of_the_buyer_s(given_up, sellers, people):
    for one in people:
        permit(one, *MAY)
    sale = sell(given_up, sellers)
    told = {"plan_id": given_up.plan_id, "cause": "paid_before", "price_minor": PRICE, "reason": "Her statement", "user": sellers[0]}
    with pytest.raises(Conflict) as refused:
        collection.propose_return(at=given_up.late, **told)
    assert refused.value.code == "plans.not_booked"
    before = given_up.late.date() - timedelta(days=2)
    record(given_up, people, received_on=before)
    assert (buyer(sale), SoldPlan.objects.get().passed_minor, plan_of(given_up).status, wrong()) == (PRICE, 0, "completed", [])
    agree(collection.propose_return(at=given_up.late, **told), sellers, given_up)
    assert (buyer(sale), plan_of(given_up).sold_at, wrong()) == (0, None, [])


def test_a_return_under_the_warranty_leaves_the_buyer_what_was_passed_on_and_the_rest_of_the_price(given_up, sellers):
    sale, plan = sell(given_up, sellers), plan_of(given_up)
    back = {"plan_id": given_up.plan_id, "cause": "fraud", "reason": "Stolen card", "user": sellers[0], "at": given_up.late}
    early = collection.propose_return(price_minor=PRICE, **back)
    pass_on(plan=plan, amount_minor=500, source="one", at=given_up.late)
    with pytest.raises(Conflict, match="changed meanwhile"):
        agree(early, sellers, given_up)
    controls.withdraw_proposal(proposal_id=early.pk, user=sellers[0], at=given_up.late)
    agree(collection.propose_return(price_minor=PRICE - 500, **back), sellers, given_up)
    assert (buyer(sale), plan_of(given_up).sold_at, wrong()) == (0, None, [])


def test_money_of_the_buyer_counts_once(given_up, sellers):
    sale = sell(given_up, sellers)
    told = {"sale_id": sale.pk, "amount_minor": PRICE, "bank_reference": " wire  77 ", "reason": "Statement 12", "user": sellers[0]}
    agree(collection.propose_buyer_payment(at=given_up.late, **told), sellers, given_up)
    assert (buyer(sale), balance(kind="bank", owner="", currency="USD"), BuyerPayment.objects.get().bank_reference) == (0, PRICE, "WIRE 77")
    again = collection.propose_buyer_payment(at=given_up.late, **told)
    with pytest.raises(Conflict):
        agree(again, sellers, given_up)
    assert (BuyerPayment.objects.count(), wrong()) == (1, [])


def test_the_database_sells_nothing_without_two_people(given_up, sellers):
    sale = listed(given_up, sellers)
    for change in (
        lambda: DebtSale.objects.filter(pk=sale.pk).update(sold_at=given_up.late),
        lambda: SoldPlan.objects.update(sold_at=given_up.late),
        lambda: Plan.objects.filter(id=given_up.plan_id).update(sold_at=given_up.late),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    stranger = make_operator("stan@kvart.example", may=["view_debtsale"])
    with pytest.raises(Forbidden):
        listed(given_up, [stranger])
    with pytest.raises(Forbidden):
        collection.propose_sale(sale_id=sale.pk, reason="A bid", user=stranger, at=given_up.late)


@pytest.mark.django_db(transaction=True)
def test_two_approve_at_once_or_a_person_pays_meanwhile(given_up, sellers, at_once):
    sale = listed(given_up, sellers)
    made = collection.propose_sale(sale_id=sale.pk, reason="A bid", user=sellers[0], at=given_up.late)
    sellers.append(make_operator("hal@kvart.example", may=SELLING))
    acts = [
        lambda: controls.approve_proposal(proposal_id=made.pk, user=sellers[1], at=given_up.late),
        lambda: controls.approve_proposal(proposal_id=made.pk, user=sellers[2], at=given_up.late),
        lambda: pay(given_up, given_up.late, scope="next"),
    ]
    results = at_once(3, lambda number: acts[number]())
    assert all(isinstance(one, Conflict | Changed) or not isinstance(one, Exception) for one in results), results
    is_sold = DebtSale.objects.get().sold_at is not None
    assert (buyer(sale), wrong()) == (PRICE if is_sold else 0, [])


def test_operators_make_a_list_sell_it_and_download_the_tape(given_up, sellers, client, monkeypatch):
    reverse("admin:index")
    monkeypatch.setattr(clock, "now", lambda: given_up.late)
    permit(one := sellers[0], *SELLING)
    client.force_login(one)
    form = {"buyer": "Harbor Debt LLC", "contact": "1 Pier Road", "price_bps": "8", "warranty_days": "180", "causes": ["uncollectible"]}
    form |= {"given_up_until": given_up.late.date().isoformat(), "least_minor": "1", "most_minor": "10000"}
    page = client.get(reverse("admin:plans_debtsale_new") + "?market=US").content.decode()
    once = page.split('name="once" value="')[1].split('"')[0]
    client.post(reverse("admin:plans_debtsale_new") + "?market=US", form | {"once": once})
    sale = DebtSale.objects.get()
    door = reverse("admin:plans_debtsale_change", args=[sale.pk])
    page = unescape(client.get(door).content.decode())
    assert "Sell this list" in page
    assert "$13.74" in page
    tape = reverse("admin:plans_debtsale_tape", args=[sale.pk])
    lines = client.get(tape).content.decode()
    assert given_up.plan.public_id in lines
    assert given_up.consumer.email not in lines
    once = page.split('name="once" value="')[1].split('"')[0]
    client.post(reverse("admin:plans_debtsale_propose", args=[sale.pk]), {"reason": "The best bid", "once": once})
    made = controls_proposal()
    agree(made, sellers, given_up)
    assert given_up.consumer.email in client.get(tape).content.decode()
    assert "Money with the buyer" in unescape(client.get(door).content.decode())
    client.force_login(make_operator("zoe@kvart.example", may=["view_plan"]))
    assert client.get(door).status_code == 403
    assert client.get(tape).status_code == 403


def controls_proposal():
    from controls.models import Proposal

    return Proposal.objects.latest("id")
