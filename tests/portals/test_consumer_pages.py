"""The consumer portal over HTTP: what is shown, who may see it, what a payment does, and how few statements a page takes."""

import re
from datetime import timedelta
from html import unescape

import pytest
import requests
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkout import services as checkouts
from collection import services as collection
from core import clock
from core.clock import day_begins
from payments import services as payments
from payments.models import Charge, PaymentMethod
from plans.models import Installment, Plan
from tests.api.counting import count_but_the_clock
from tests.owner import tamper
from tests.portals.reading import asked_again, hidden

pytestmark = pytest.mark.django_db(transaction=True)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).strip()


@pytest.fixture
def paid(bought):
    """Give a function that buys, sends and charges the first payment."""
    return lambda amount=22_900, **how: bought(amount, charge=True, **how)


def test_the_front_page_says_what_this_is(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "You see every date and the total before you agree to anything." in text(page)


def test_signing_in_with_a_code_leads_to_where_one_wanted(client, bought, email):
    to = email("+approve")
    order = bought(email=to)
    wanted = f"/purchases/{order.public_id}"
    assert client.get(wanted)["Location"] == f"/sign-in?next=%2Fpurchases%2F{order.public_id}"
    answer = client.post(f"/sign-in?next={wanted}", {"contact": to})
    answer = client.post(answer["Location"], {"code": "111111"})
    assert answer["Location"] == wanted
    assert client.get(wanted).status_code == 200
    client.post("/sign-out")
    assert client.get(wanted).status_code == 302


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_off_the_site(client, bought, email, there):
    to = email("+approve")
    bought(email=to)
    answer = client.post("/sign-in?" + "next=" + there, {"contact": to})
    assert client.post(answer["Location"], {"code": "111111"})["Location"] == "/home"


def test_who_never_bought_anything_gets_no_account(client, db, sandbox_world, email):
    from accounts.models import Consumer

    answer = client.post("/sign-in", {"contact": email()})
    page = asked_again(client.post(answer["Location"], {"code": "111111"}))
    assert "No account yet" in text(page)
    assert Consumer.objects.count() == 0
    assert "consumer" not in client.session


def test_a_number_needs_its_country_here(client, db):
    page = client.post("/sign-in", {"contact": "2025550147"})
    page = asked_again(page)
    assert 'id="id_contact_error"' in page.content.decode()


@pytest.mark.parametrize("path", ["/home", "/purchases", "/payments", "/limit", "/help", "/inbox", "/profile"])
def test_strangers_sign_in_first(client, db, path):
    assert client.get(path)["Location"] == f"/sign-in?next=%2F{path[1:]}"


@pytest.mark.parametrize("path", ["/home", "/purchases?state=all", "/payments", "/limit", "/help", "/inbox", "/profile"])
def test_every_page_of_somebody_new_says_what_will_be_there(client, sign_in, merchant, email, moment, path):
    from accounts import services as accounts

    consumer = accounts.get_or_create_consumer(channel="email", destination=email(), market=merchant.market, at=moment)
    page = sign_in(client, consumer).get(path)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


def test_home_answers_both_questions(client, sign_in, paid):
    order = paid()
    page = text(sign_in(client, order.consumer).get("/home"))
    assert "Next payment" in page
    assert "$57.25" in page
    assert "Nordlys Lamps, 2 of 4 · from Visa ···· 4242" in page
    assert "$1,328.25" in page
    assert "$171.75 of your $1,500.00 limit is in use" in page
    assert "left of $229.00" in page


@pytest.mark.parametrize("step", ["", "/agreement", "/card", "/pay", "/payments/{charge}"])
def test_other_peoples_purchases_do_not_exist(client, sign_in, paid, bought, step):
    mine, theirs = bought(5_000), paid()
    charge = Charge.objects.get(reference=theirs.plan.public_id)
    path = f"/purchases/{theirs.public_id}" + step.format(charge=charge.public_id)
    sign_in(client, mine.consumer)
    assert client.get(path).status_code == 404
    assert client.post(path, {"scope": "all", "card": mine.plan.payment_method.public_id}).status_code in {404, 405}
    assert Charge.objects.filter(reference=theirs.plan.public_id).count() == 1
    theirs.plan.refresh_from_db()
    assert theirs.plan.payment_method.consumer_id == theirs.consumer_id


def test_a_charge_of_another_plan_is_not_shown_under_this_one(client, sign_in, paid, bought, email):
    to = email("+approve")
    first, second = paid(email=to), bought(5_000, email=to)
    charge = Charge.objects.get(reference=first.plan.public_id)
    sign_in(client, first.consumer)
    assert client.get(f"/purchases/{second.public_id}/payments/{charge.public_id}").status_code == 404


def test_a_purchase_shows_what_was_paid_what_changed_and_why(client, sign_in, paid, merchant, moment):
    order = paid()
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=8_000, reason="One shade broken", actor="test", at=moment)
    page = text(sign_in(client, order.consumer).get(f"/purchases/{order.public_id}"))
    for what in (
        "Left to pay $91.75",
        "Nordlys Lamps shipped your order",
        "$229.00 is to be paid in 4 payments from that day.",
        "Nordlys Lamps refunded $80.00",
        "$80.00 fell off your coming payments. Reason: One shade broken.",
        "$22.75 less after the refund",
        "$57.25 less after the refund",
        "Fell away",
        "Visa ···· 4242",
    ):
        assert what in page, what


def test_money_that_went_back_is_shown_with_its_card(client, sign_in, paid, merchant, moment):
    order = paid(5_727)
    collection_pay(order, "all", moment)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_500, reason="", actor="test", at=moment)
    page = text(sign_in(client, order.consumer).get(f"/purchases/{order.public_id}"))
    assert "$14.31 goes back to Visa ···· 4242. $0.69 goes back to Visa ···· 4242." in page
    assert "$14.31 went back to it" in page
    assert "Back to you $15.00" in page
    assert "Paid in full" in page


def collection_pay(order, scope, at):
    from collection import services as collection

    plan = Plan.objects.get(id=order.plan_id)
    return collection.pay_now(consumer=order.consumer, plan=plan, scope=scope, method=plan.payment_method, actor="test", at=at)


def test_paying_everything_completes_the_plan(client, sign_in, paid):
    order = paid()
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    page = client.get(path)
    assert "Everything that is left" in text(page)
    card = order.plan.payment_method.public_id
    answer = client.post(path, hidden(page) | {"scope": "all", "card": card})
    result = client.get(answer["Location"])
    assert "Your purchase at Nordlys Lamps is paid in full." in text(result)
    order.plan.refresh_from_db()
    assert order.plan.status == "completed"
    assert [charge.amount_minor for charge in Charge.objects.order_by("id")] == [5_725, 17_175]


def test_paying_a_monthly_plan_early_says_and_saves_interest(client, sign_in, bought):
    order = bought(22_900, product="monthly_6")
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    page = client.get(path)
    assert "you save $10.05 of interest" in text(page)
    assert hidden(page)["seen_all"] == "1.2.3.4.5.6:22900"
    answer = client.post(path, hidden(page) | {"scope": "all", "card": order.plan.payment_method.public_id})
    assert "paid in full" in text(client.get(answer["Location"]))
    assert "You save $10.05 of interest." in text(client.get(f"/purchases/{order.public_id}"))


def test_paying_the_next_payment_says_what_becomes_of_the_interest(client, sign_in, bought):
    order = bought(22_900, product="monthly_6")
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    page = client.get(path)
    told = re.search(r"payment 2 becomes \$([\d.]+), with the interest that still runs until then · you save \$([\d.]+)", text(page))
    client.post(path, hidden(page) | {"scope": "next", "card": order.plan.payment_method.public_id})
    second = Installment.objects.get(plan=order.plan, number=2)
    assert f"{second.amount_minor / 100:.2f}" == told[1]
    page = text(client.get(f"/purchases/{order.public_id}"))
    assert "less interest, as you paid early" in page
    assert "more interest, moved here when you paid early" in page
    assert f"You save ${told[2]} of interest." in page


def test_what_was_not_shipped_is_not_called_paid(client, sign_in, bought, merchant, moment):
    order = bought(20_000, send=False)
    sign_in(client, order.consumer)
    home = text(client.get("/home"))
    assert "Your payments start when Nordlys Lamps ships." in home
    assert "What was not shipped yet has no dates." in home
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=5_000, actor="test", at=moment)
    path = f"/purchases/{order.public_id}/pay"
    page = client.get(path)
    card = order.plan.payment_method.public_id
    answer = client.post(path, hidden(page) | {"scope": "all", "card": card})
    assert "All that Nordlys Lamps has shipped so far is paid." in text(client.get(answer["Location"]))
    page = text(client.get(f"/purchases/{order.public_id}"))
    assert "Paid so far · $150.00 not shipped yet" in page
    assert "Paid in full" not in page


def test_an_amount_that_changed_is_not_taken(client, sign_in, paid):
    order = paid()
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    card = order.plan.payment_method.public_id
    for said in ("2:1", "3:5725", "2.3:11450", "", "x", "9" * 40):
        answer = asked_again(client.post(path, hidden(client.get(path)) | {"scope": "next", "card": card, "seen_next": said}))
        assert "What is to be paid changed since you looked." in text(answer)
    assert Charge.objects.count() == 1


def test_somebody_elses_card_does_not_pay(client, sign_in, paid, bought):
    order, other = paid(), bought(5_000)
    sign_in(client, order.consumer)
    page = client.get(f"/purchases/{order.public_id}/pay")
    sent = hidden(page) | {"scope": "next", "card": other.plan.payment_method.public_id}
    assert "Choose the card that you want to pay with." in text(asked_again(client.post(f"/purchases/{order.public_id}/pay", sent)))
    assert Charge.objects.count() == 1


def test_a_refused_payment_says_why_and_what_to_do(client, sign_in, paid, moment):
    order = paid()
    empty = payments.add_card(consumer=order.consumer, number="4000000000009995", at=moment)
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    answer = client.post(path, hidden(client.get(path)) | {"scope": "next", "card": empty.public_id})
    page = text(client.get(answer["Location"]))
    for what in (
        "Payment failed",
        "There was not enough money on the card.",
        "Nothing was charged.",
        "Use another card",
        "Pay another way",
    ):
        assert what in page
    assert Installment.objects.filter(plan=order.plan, status="paid").count() == 1


def test_a_payment_without_an_answer_is_under_way(client, sign_in, paid):
    order = paid()
    charge = Charge.objects.get()
    tamper("UPDATE payments_charge SET status = 'unknown' WHERE id = %s", [charge.id])
    Installment.objects.filter(plan=order.plan, number=2).update(charge_id=charge.id)
    sign_in(client, order.consumer)
    answer = client.get(f"/purchases/{order.public_id}/pay")
    result = client.get(answer["Location"])
    assert "Your payment is under way" in text(result)
    assert "charged once at most" in text(result)
    assert result["Refresh"] == "4"
    assert "A payment is on its way" in text(client.get(f"/purchases/{order.public_id}"))


def test_a_payment_that_the_bank_wants_confirmed_leads_there(client, sign_in, paid, moment):
    order = paid()
    asks = payments.add_card(consumer=order.consumer, number="4000002760003184", at=moment)
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    answer = client.post(path, hidden(client.get(path)) | {"scope": "next", "card": asks.public_id})
    page = client.get(answer["Location"])
    assert "Confirm with your bank" in text(page)
    assert Charge.objects.order_by("-id").first().action_url in page.content.decode()


def test_changing_the_card_of_a_plan(client, sign_in, paid, bought, moment):
    order, other = paid(), bought(5_000)
    new = payments.add_card(consumer=order.consumer, number="5555555555554444", at=moment)
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/card"
    refused = client.post(path, {"card": other.plan.payment_method.public_id})
    refused = asked_again(refused)
    assert Plan.objects.get(id=order.plan_id).payment_method.last4 == "4242"
    client.post(path, {"card": new.public_id})
    assert Plan.objects.get(id=order.plan_id).payment_method_id == new.id


def test_the_last_card_stays_while_something_is_to_be_paid(client, sign_in, paid, moment):
    order = paid()
    card = order.plan.payment_method
    sign_in(client, order.consumer)
    client.post(f"/payments/cards/{card.public_id}", {"remove": "1"})
    assert "Add another card first" in text(client.get("/payments"))
    assert PaymentMethod.objects.get(id=card.id).removed_at is None
    second = payments.add_card(consumer=order.consumer, number="5555555555554444", at=moment)
    client.post(f"/payments/cards/{card.public_id}", {"first": "1"})
    assert PaymentMethod.objects.get(id=card.id).position == 0
    client.post(f"/payments/cards/{second.public_id}", {"remove": "1"})
    assert PaymentMethod.objects.get(id=second.id).removed_at is not None


def test_the_card_that_is_announced_is_the_one_that_is_charged(client, sign_in, paid, moment):
    """The plan's own card was removed: everything names the card that the due run will take, and the due run takes it."""
    order = paid()
    old = order.plan.payment_method
    payments.add_card(consumer=order.consumer, number="5555555555554444", at=moment)
    sign_in(client, order.consumer)
    client.post(f"/payments/cards/{old.public_id}", {"remove": "1"})
    assert "2 of 4 · from Mastercard ···· 4444" in text(client.get("/home"))
    assert "2 of 4 · Mastercard ···· 4444" in text(client.get("/payments"))
    assert "Paid with Mastercard ···· 4444" in text(client.get(f"/purchases/{order.public_id}"))
    for page in ("pay", "card"):
        shown = client.get(f"/purchases/{order.public_id}/{page}").content.decode()
        assert [number for number in ("4242", "4444") if number in shown] == ["4444"]
    charged = Installment.objects.get(plan=order.plan, number=2)
    assert collection.run_due(at=day_begins(charged.due_date, order.plan.time_zone)) == 1
    assert Charge.objects.order_by("-id").first().payment_method.last4 == "4444"


def test_without_any_card_that_can_be_charged_a_card_is_asked_for(client, sign_in, paid, moment):
    order = paid()
    payments.block_methods(method_ids=[order.plan.payment_method_id], at=moment)
    sign_in(client, order.consumer)
    assert "2 of 4 · add a card to pay it" in text(client.get("/home"))
    assert "2 of 4 · no card yet" in text(client.get("/payments"))
    assert "Paid with no card yet" in text(client.get(f"/purchases/{order.public_id}"))
    assert "Used first" not in text(client.get("/payments"))


def test_a_card_added_for_a_payment_that_failed_is_chosen_for_it(client, sign_in, paid, settings):
    order = paid()
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    there = client.post("/payments/cards", {"next": path})["Location"]
    setup = there.rpartition("/")[2]
    sent = {"number": "5555555555554444"}
    key = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    requests.post(f"{settings.SANDBOX_URL}/gateway/v1/setups/{setup}/card", json=sent, headers=key, timeout=30).raise_for_status()
    back = client.get("/payments/card-return", {"next": path, "setup": setup})
    new = PaymentMethod.objects.get(shown__last4="4444")
    assert back["Location"] == f"{path}?card={new.public_id}"
    page = client.get(back["Location"]).content.decode()
    assert "is saved, and used first for new purchases." in page
    assert re.findall(r'value="(pm_\w+)"[^>]*\bchecked', page) == [new.public_id]
    page = client.get(f"/purchases/{order.public_id}/card?card={new.public_id}").content.decode()
    assert re.findall(r'value="(pm_\w+)"[^>]*\bchecked', page) == [new.public_id]


def test_other_peoples_cards_do_not_exist(client, sign_in, paid, bought):
    order, other = paid(), bought(5_000)
    sign_in(client, order.consumer)
    assert client.post(f"/payments/cards/{other.plan.payment_method.public_id}", {"remove": "1"}).status_code == 404
    assert PaymentMethod.objects.get(id=other.plan.payment_method_id).removed_at is None


def test_adding_a_card_goes_by_the_gateways_page(client, sign_in, paid, settings):
    order = paid()
    sign_in(client, order.consumer)
    answer = client.post("/payments/cards", {"next": "/payments"})
    assert answer.status_code == 303
    assert answer["Location"].startswith(settings.SANDBOX_URL)
    back = client.get("/payments/card-return", {"next": "/payments", "setup": "seti_somebody_elses"})
    assert back["Location"] == "/payments"
    assert client.get("/payments/card-return?setup=%00&next=/payments").status_code == 400
    assert PaymentMethod.objects.count() == 1


def test_the_limit_shows_its_history_with_reasons(client, sign_in, bought):
    order = bought()
    page = text(sign_in(client, order.consumer).get("/limit"))
    assert "$229.00 of your $1,500.00 limit is in use" in page
    assert "A person checks a purchase above $1,000 first." in page
    assert "Your first spending limit." in page


def test_the_agreement_stays_readable_word_for_word(client, sign_in, bought):
    order = bought(send=False)
    page = unescape(text(sign_in(client, order.consumer).get(f"/purchases/{order.public_id}/agreement")))
    lines = [re.sub(r"^[=#|>-] |\thttps?:.*|\tmailto:.*", "", line) for line in order.plan.agreement["text"].splitlines() if line]
    assert len(lines) > 10
    assert [line for line in lines if " ".join(line.split()) not in page] == []


def test_profile_masks_contacts(client, sign_in, bought):
    consumer = bought().consumer
    page = sign_in(client, consumer).get("/profile")
    assert consumer.email not in page.content.decode()
    assert consumer.email[0] + "···@example.com" in text(page)
    assert consumer.name in text(page)


def test_late_payments_say_since_when(client, sign_in, paid):
    order = paid()
    Installment.objects.filter(plan=order.plan, number=2).update(due_date=clock.now().date() - timedelta(days=3), status="overdue")
    sign_in(client, order.consumer)
    home = text(client.get("/home"))
    assert "Late since" in home
    assert "Late since" in text(client.get("/purchases"))
    pay = text(client.get(f"/purchases/{order.public_id}/pay"))
    assert "The late payment" in pay
    assert "of 4, was due" in pay
    assert "There is no late fee." in pay
    assert "Paying early" not in pay


def test_lists_take_as_many_statements_for_many_as_for_one(client, sign_in, bought, email):
    to = email("+approve")
    order = bought(2_000, email=to)
    sign_in(client, order.consumer)
    paths = ("/home", "/purchases?state=all", "/payments", f"/purchases/{order.public_id}")
    few = [statements(client, path) for path in paths]
    for _ in range(4):
        bought(2_000, email=to)
    assert [statements(client, path) for path in paths] == few
    assert few == [9, 5, 9, 25]


def statements(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as found:
        assert browser.get(path).status_code == 200
    return count_but_the_clock(found)


def test_older_purchases_are_a_page_away(client, sign_in, bought, email, monkeypatch):
    from portals.consumer.purchases import views as pages

    monkeypatch.setattr(pages, "PAGE", 2)
    to = email("+approve")
    orders = [bought(2_000 + number, email=to) for number in range(3)]
    sign_in(client, orders[0].consumer)
    first = client.get("/purchases?state=all").content.decode()
    assert orders[2].public_id in first
    assert orders[0].public_id not in first.replace(f"before={orders[0].public_id}", "")
    older = re.search(r'href="(\?state=all&amp;before=ord_\w+)"', first)[1].replace("&amp;", "&")
    second = client.get(f"/purchases{older}").content.decode()
    assert orders[0].public_id in second
    assert orders[2].public_id not in second
    assert client.get("/purchases?state=all&before=nonsense").status_code == 200


def tell(order, at) -> None:
    """Have the consumer told that an order is authorized, as the outbox does."""
    from checkout.services.authorizing import order_authorized
    from notifications.handlers import on_order_authorized

    on_order_authorized(order_authorized(order), at=at)


def test_the_inbox_shows_what_was_told_until_it_is_read(client, sign_in, bought, email, moment):
    to = email("+approve")
    order, stranger = bought(email=to), bought(5_000)
    tell(order, moment)
    tell(stranger, moment)
    sign_in(client, order.consumer)
    page = client.get("/inbox")
    assert text(page).count("just now") == 1
    assert f"/purchases/{order.public_id}" in page.content.decode()
    assert stranger.public_id not in page.content.decode()
    assert "New" in text(page)
    assert "Your account, with unread messages" in page.content.decode()
    assert client.post("/inbox")["Location"] == "/inbox"
    page = client.get("/inbox")
    assert "Mark all as read" not in page.content.decode()
    assert "with unread messages" not in page.content.decode()
    assert stranger.consumer.messages.filter(channel="inbox", read_at=None).count() == 1


def test_the_inbox_takes_as_many_statements_for_many_as_for_one(client, sign_in, bought, email, moment):
    to = email("+approve")
    tell(bought(2_000, email=to), moment)
    order = bought(2_000, email=to)
    sign_in(client, order.consumer)
    few = statements(client, "/inbox")
    tell(order, moment)
    tell(bought(2_000, email=to), moment)
    assert statements(client, "/inbox") == few


def test_a_rest_that_does_not_ship_is_said_and_never_asked_for(client, sign_in, buy, merchant, moment):
    order = buy(merchant, 22_900, moment)
    own = {"order_id": order.id, "merchant": merchant, "actor": "test", "at": moment}
    checkouts.capture_order(**own, amount_minor=10_000)
    checkouts.release_order(**own)
    sign_in(client, order.consumer)
    shown = text(client.get(f"/purchases/{order.public_id}"))
    for words in ("Nordlys Lamps does not ship the rest", "$129.00 of the price is not charged.", "Does not ship, not charged $129.00"):
        assert words in shown, words
    assert "Left to pay $100.00" in shown
