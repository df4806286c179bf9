"""What a consumer sees of payments that are too small to be charged by themselves."""

from datetime import timedelta

import pytest

from accounts.models import Consumer
from checkout import services as checkouts
from checkout.agreeing import write_terms
from collection import services as collection
from core.clock import local_date
from core.formats import day_text
from core.models import OutboxEvent
from core.money import Money
from notifications.facts import gather, of_shipment
from notifications.models import Message
from notifications.queries import load_named
from payments.models import Charge
from payments.texts import failure_text
from plans.models import Installment, PlanChange, Product
from plans.queries import list_takings, make_quote
from portals.checkout.plan.page import consent_text, due_dates
from portals.consumer.paying.wording import next_text
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db


def due_days(order):
    """The days of its payments, as they were agreed."""
    return list(Installment.objects.filter(plan=order.plan_id).order_by("number").values_list("due_date", flat=True))


def test_a_payment_that_waits_is_not_late_and_comes_with_the_next(client, sign_in, buy, merchant, moment):
    order = buy(merchant, 100, moment)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
    collection.run_due(at=moment)
    later = moment + timedelta(days=3)
    collection.mark_overdue(at=later)
    sign_in(client, order.consumer)
    shown = text(client.get(f"/purchases/{order.public_id}"))
    assert "Too small to be charged by itself. It is taken with the next payment." in shown
    assert "Late" not in shown
    home = text(client.get("/home"))
    assert "2 of 4" in home
    assert "$0.50" in home
    assert "1 of 4" not in home
    pay = text(client.get(f"/purchases/{order.public_id}/pay"))
    assert "The next payments" in pay
    assert "1, 2 of 4 together: less cannot be charged to a card" in pay


def test_a_later_payment_that_is_too_small_is_told_with_the_day_on_which_it_is_taken(client, sign_in, buy, merchant, moment):
    order = buy(merchant, 100, moment)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
    own, taken = (day_text(due, "en_US") for due in due_days(order)[2:])
    sign_in(client, order.consumer)
    shown = text(client.get(f"/purchases/{order.public_id}"))
    home = text(client.get("/home"))
    assert own not in shown + home
    assert f"3 of 4 $0.25 {taken} Too small to be charged by itself. It is taken with the next payment." in shown
    assert f"4 of 4 $0.25 {taken} $0.50 in all, with what is too small to be charged by itself" in shown
    assert home.count("$0.50") == 3  # Two charges to come, and the first of them above.


def test_the_charges_are_those_that_were_told(buy, merchant, moment):
    order = buy(merchant, 100, moment)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
    rows = list(Installment.objects.filter(plan=order.plan_id))
    told = [(taking.day, taking.amount_minor) for taking in list_takings(order.plan, rows, least=50)]
    for day in (0, 14, 28, 42):
        collection.run_due(at=moment + timedelta(days=day))
    taken = Charge.objects.filter(reference=order.plan.public_id, status="succeeded").order_by("id")
    assert [(local_date(charge.created_at, order.plan.time_zone), charge.amount_minor) for charge in taken] == told
    assert told == [(due_days(order)[1], 50), (due_days(order)[3], 50)]


def test_letters_tell_the_day_and_the_sum_of_what_is_taken_together(buy, merchant, moment):
    order = buy(merchant, 100, moment)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
    change = PlanChange.objects.get(plan=order.plan_id, kind="capture")
    second, last = (due_days(order)[place].isoformat() for place in (1, 3))
    days = [one["day"] for one in of_shipment(order, change)["payments"]]
    assert days == [{"when": "carried"}, {"date": second}, {"date": last}, {"date": last}]
    collection.run_due(at=moment)
    collection.run_due(at=moment + timedelta(days=14))
    message = Message(consumer=order.consumer, kind="payment_received", context={"plan": order.plan.public_id, "currency": "USD"})
    facts = gather(message, load_named([message]))
    assert (facts["next_day"], facts["next_amount"], facts["left"]) == ({"date": last}, *[{"minor": 50, "currency": "USD"}] * 2)
    collection.remind_upcoming(at=moment + timedelta(days=40))
    told = [event.payload for event in OutboxEvent.objects.filter(name="plans.payment_upcoming")]
    assert [(one["number"], one["amount_minor"], one["due_date"]) for one in told] == [(4, 50, last)]


def test_the_checkout_shows_the_days_on_which_the_card_is_charged(open_checkout, moment):
    checkout = open_checkout(110)
    product = Product.objects.get(market="US", code="pay_in_4", active=True)
    quote = make_quote(product, Money(110, "USD"), moment.date())
    dates = due_dates(quote, checkout)
    days = [moment.date() + timedelta(days=days) for days in (14, 14, 42, 42)]
    assert [(one["due"], one["minor"], one["state"]) for one in dates] == list(zip(days, [28, 28, 28, 26], ["later"] * 4, strict=True))
    assert consent_text(quote, checkout, "en_US") == f"Agree and pay $0.56 on {day_text(days[0], 'en_US', 'short')}"
    terms = write_terms(checkout, Consumer(locale="en_US", time_zone="America/New_York"), quote, moment).text
    assert f"| 3 of 4\t{day_text(days[2], 'en_US', 'full')}\t$0.28\n" in terms
    assert "Cards cannot be charged less than $0.50. We take a smaller payment together with the next one" in terms
    assert "We hold the first payment" not in terms


def test_what_is_too_small_in_all_cannot_be_paid_and_is_told_when_it_is_let_go(client, sign_in, buy, merchant, moment):
    order = buy(merchant, 8_010, moment)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_990, reason="", actor="test", at=moment)
    for day in (0, 14, 28):
        collection.run_due(at=moment + timedelta(days=day))
    sign_in(client, order.consumer)
    assert "Pay now" not in text(client.get(f"/purchases/{order.public_id}"))
    assert client.get(f"/purchases/{order.public_id}/pay").status_code == 302
    collection.run_due(at=moment + timedelta(days=42))
    shown = text(client.get(f"/purchases/{order.public_id}"))
    assert "You do not have to pay $0.11" in shown
    assert "That is too little to charge a card." in shown
    assert "You do not have to pay $0.11 of it: too little to charge a card" in shown
    assert "Fell away" not in shown
    assert "Paid in full" in shown


def test_a_charge_that_was_too_small_is_said_in_words():
    assert failure_text("amount_too_small") == "It is less than can be charged to a card."
    assert next_text("amount_too_small") == "You do not have to do anything. It is taken with the next payment."
