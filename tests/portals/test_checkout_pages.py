"""The hosted checkout over HTTP: each step follows from the facts, nobody sees what is another's, errors name the field."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Consent, Consumer, SignInCode
from checkout import services as checkouts
from checkout.models import Checkout, Order
from core import clock
from core.clock import now
from credit.models import CreditLine
from plans.documents.writing import VERSION
from tests.dates import OF_A_CHILD
from tests.portals.conftest import DETAILS
from tests.portals.reading import asked_again, hidden

pytestmark = pytest.mark.django_db(transaction=True)


def path(checkout: Checkout, step: str = "") -> str:
    return f"/checkout/{checkout.public_id}" + (f"/{step}" if step else "")


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def enter(browser: Client, checkout: Checkout, email: str):
    browser.post(path(checkout, "contact"), {"contact": email})
    return browser.post(path(checkout, "code"), {"code": "111111"})


def seal_of(response) -> str:
    return re.search(r'name="seal" value="([0-9a-f]{64})"', response.content.decode())[1]


def with_card(checkout: Checkout, number: str = "4242424242424242"):
    from payments import services as payments

    consumer = Checkout.objects.get(id=checkout.id).consumer
    return payments.add_card(consumer=consumer, number=number, at=now())


def at_plan(browser: Client, checkout: Checkout, email: str, details: dict[str, str] = DETAILS) -> Consumer:
    enter(browser, checkout, email)
    browser.post(path(checkout, "details"), details)
    return Checkout.objects.get(id=checkout.id).consumer


def test_a_new_person_needs_four_screens_and_nine_fields(client, open_checkout, email):
    checkout = open_checkout()
    fields = 0
    contact = client.get(path(checkout))
    assert "E-mail or mobile number" in text(contact)
    fields += 1
    client.post(path(checkout, "contact"), {"contact": email("+approve")})
    assert "We sent 6 digits to" in text(client.get(path(checkout)))
    fields += 1
    client.post(path(checkout, "code"), {"code": "111111"})
    details = client.get(path(checkout))
    asked = re.findall(r'<input type="(?:text|date|email)" name="(\w+)"', details.content.decode())
    assert asked == ["name", "birth_date", "line1", "postal_code", "city", "region"]
    fields += len(asked)
    assert fields <= 9
    client.post(path(checkout, "details"), DETAILS)
    plan = client.get(path(checkout))
    assert plan.status_code == 200
    shown = text(plan)
    assert "How do you want to pay?" in shown
    assert "You can spend up to $1,500 here." in shown
    for what in ("4 payments", "$57.25", "When it ships", "In 30 days", "6 months", "12 months", "APR"):
        assert what in shown
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    assert "Add a card" in text(pay)
    assert "Agree and pay" not in text(pay)


def test_consent_makes_the_order_and_leads_back_to_the_shop(client, open_checkout, email):
    urls = {"confirmation": "https://shop.example/thanks?basket=7", "cancel": "https://shop.example/basket"}
    checkout = open_checkout(urls=urls)
    consumer = at_plan(client, checkout, email("+approve"))
    card = with_card(checkout)
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    assert "Agree and pay $57.25 when it ships" in text(pay)
    sent = hidden(pay) | {"card": card.public_id}
    assert (sent["plan"], sent["seal"]) == ("pay_in_4", seal_of(pay))
    answer = client.post(path(checkout, "confirm"), sent)
    order = Order.objects.get(checkout=checkout)
    assert answer.status_code == 303
    assert answer["Location"] == f"https://shop.example/thanks?basket=7&checkout={checkout.public_id}&order={order.public_id}"
    assert (order.status, order.consumer_id) == ("authorized", consumer.id)
    kept = order.plan.agreement
    consent = Consent.objects.get(reference=order.public_id)
    assert (consent.kind, consent.version, consent.text_hash) == ("credit_agreement", VERSION, sent["seal"])
    assert "Total of payments\t$229.00" in kept["text"]
    again = client.post(path(checkout, "confirm"), sent)
    assert again["Location"] == answer["Location"]
    assert Order.objects.count() == 1
    assert "Your payment plan is set" in text(client.get(path(checkout)))


def test_the_agreement_names_its_parties_and_holds_every_term(client, open_checkout, email):
    checkout = open_checkout()
    consumer = at_plan(client, checkout, email("+approve"))
    shown = text(client.get(path(checkout, "agreement"), {"plan": "monthly_6"}))
    for what in ("Kvart", "Nordlys LLC", "Amount of credit (amount financed) $229.00", "Annual percentage rate (APR)", "6 of 6"):
        assert what in shown
    for what in ("no late fee", "at any time, at no cost", "Complaints", "Consumer Financial Protection Bureau"):
        assert what in shown
    assert "right to withdraw" not in shown
    for party in ("Anna", "Main St", consumer.public_id):
        assert party in shown
    assert consumer.email not in shown


def test_each_plan_leads_to_its_own_terms(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    blocks = client.get(path(checkout)).content.decode().split('<div class="plan">')[1:]
    plans = [re.search(r'name="plan" id="plan-\w+" value="(\w+)"', block)[1] for block in blocks]
    assert plans == ["pay_in_4", "pay_in_30", "monthly_6", "monthly_12"]
    for plan, block, payments in zip(plans, blocks, (4, 1, 6, 12), strict=True):
        links = re.findall(r'href="([^"]+/agreement[^"]*)"', block)
        assert links == [path(checkout, f"agreement?plan={plan}")]
        assert f"{payments} of {payments}" in text(client.get(links[0]))


def test_words_that_changed_since_they_were_shown_are_not_agreed_to(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    card = with_card(checkout)
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    answer = client.post(path(checkout, "confirm"), hidden(pay) | {"card": card.public_id, "seal": "0" * 64})
    answer = asked_again(answer)
    assert "The dates moved on since you looked" in text(answer)
    assert Order.objects.count() == 0
    assert CreditLine.objects.get().used_minor == 0


def test_somebody_elses_card_is_no_card(client, open_checkout, email, bought):
    other = bought(5_000).plan.payment_method
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    with_card(checkout)
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    assert other.public_id not in pay.content.decode()
    answer = client.post(path(checkout, "confirm"), hidden(pay) | {"card": other.public_id})
    answer = asked_again(answer)
    assert "Choose the card that you want to pay with" in text(answer)
    assert Order.objects.filter(checkout=checkout).count() == 0


def test_a_declined_card_charges_nothing_and_asks_for_another(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    card = with_card(checkout, "4000000000009995")
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    answer = client.post(path(checkout, "confirm"), hidden(pay) | {"card": card.public_id})
    answer = asked_again(answer)
    assert "Your card was declined. Nothing was charged." in text(answer)
    assert "Choose another card" in text(answer)
    assert Order.objects.count() == 0
    assert CreditLine.objects.get().used_minor == 0


@pytest.mark.parametrize(
    ("contact", "sentence"),
    [("", "Enter your e-mail address or mobile number."), ("anna@", "Enter an e-mail address"), ("12", "Enter a mobile number")],
)
def test_a_contact_that_is_none_names_the_field(client, open_checkout, contact, sentence):
    checkout = open_checkout()
    answer = client.post(path(checkout, "contact"), {"contact": contact})
    answer = asked_again(answer)
    assert 'id="id_contact_error"' in answer.content.decode()
    assert sentence in text(answer)
    assert SignInCode.objects.count() == 0


def test_a_wrong_code_names_the_field_and_signs_nobody_in(client, open_checkout, email):
    checkout = open_checkout()
    client.post(path(checkout, "contact"), {"contact": email()})
    answer = client.post(path(checkout, "code"), {"code": "999999"})
    answer = asked_again(answer)
    assert "This is not the code that we sent." in text(answer)
    assert "consumer" not in client.session
    assert Checkout.objects.get().consumer_id is None
    assert Consumer.objects.count() == 0


def test_another_code_needs_half_a_minute(client, open_checkout, email):
    checkout = open_checkout()
    client.post(path(checkout, "contact"), {"contact": email()})
    answer = client.post(path(checkout, "resend"))
    assert int(answer["Retry-After"]) > 0
    assert re.search(r"Wait \d+ seconds", text(asked_again(answer)))
    assert SignInCode.objects.count() == 1
    SignInCode.objects.update(sent_at=now() - timedelta(seconds=31))
    assert client.post(path(checkout, "resend")).status_code == 302
    assert SignInCode.objects.count() == 2


def test_pressing_twice_is_no_error(client, open_checkout, email):
    checkout, to = open_checkout(), email()
    client.post(path(checkout, "contact"), {"contact": to})
    assert client.post(path(checkout, "contact"), {"contact": to}).status_code == 302
    assert SignInCode.objects.count() == 1


def test_signing_in_changes_the_sessions_key(client, open_checkout, email):
    checkout = open_checkout()
    client.post(path(checkout, "contact"), {"contact": email()})
    before = client.session.session_key
    client.post(path(checkout, "code"), {"code": "111111"})
    assert client.session.session_key != before
    kept = {f"consumer_{one}" for one in ("began", "device", "from", "how", "seen", "since")}
    assert set(client.session.keys()) == {"consumer", *kept, "device"}


def test_another_browser_starts_at_the_contact_and_sees_nothing(client, open_checkout, email):
    checkout = open_checkout(customer={"email": "anna@example.com", "name": "Anna Nielsen"})
    consumer = at_plan(client, checkout, email("+approve"))
    stranger = Client()
    page = stranger.get(path(checkout))
    assert "E-mail or mobile number" in text(page)
    for secret in ("Anna", consumer.email, "example.com", "You can spend"):
        assert secret not in text(page)
    for step in ("pay?plan=pay_in_4", "agreement?plan=pay_in_4", "details", "card-return?plan=pay_in_4&setup=x"):
        answer = stranger.get(path(checkout, step))
        assert (answer.status_code, answer["Location"]) == (302, path(checkout))
    for step in ("confirm", "card", "proceed", "details"):
        answer = stranger.post(path(checkout, step), {"plan": "pay_in_4"} | DETAILS)
        assert (answer.status_code, answer["Location"]) == (302, path(checkout))
    stranger.post(path(checkout, "leave"))
    checkout.refresh_from_db()
    assert (checkout.status, checkout.consumer_id) == ("open", consumer.id)


def test_a_completed_checkout_tells_a_stranger_nothing(client, open_checkout, buy, moment):
    checkout = open_checkout()
    outcome = buy.finish(checkout, at=moment)
    page = client.get(path(checkout))
    assert "This checkout is completed" in text(page)
    assert outcome.order.public_id not in page.content.decode()


def test_a_returning_person_needs_two_presses_after_the_code(client, open_checkout, bought, email):
    to = email("+approve")
    bought(5_000, email=to)
    checkout = open_checkout(10_000)
    answer = enter(client, checkout, to)
    assert answer["Location"] == path(checkout)
    assert "How do you want to pay?" in text(client.get(path(checkout)))
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    card = re.search(r'value="(pm_\w+)" checked', pay.content.decode())[1]
    done = client.post(path(checkout, "confirm"), hidden(pay) | {"card": card})
    assert done["Location"].startswith("https://shop.example/thanks?checkout=")


def test_who_entered_a_code_just_now_goes_straight_on(client, open_checkout, bought, sign_in):
    consumer = bought(5_000).consumer
    sign_in(client, consumer)
    checkout = open_checkout(10_000)
    page = client.get(path(checkout))
    assert f"Welcome back, {consumer.name}" in text(page)
    assert consumer.email not in page.content.decode()
    client.post(path(checkout, "contact"), {"known": "1"})
    assert SignInCode.objects.count() == 0
    assert "How do you want to pay?" in text(client.get(path(checkout)))


def test_a_remembered_session_still_needs_a_code(client, open_checkout, bought, sign_in, moment):
    consumer = bought(5_000).consumer
    sign_in(client, consumer, moment - timedelta(hours=2))
    checkout = open_checkout(10_000)
    client.post(path(checkout, "contact"), {"known": "1"})
    assert SignInCode.objects.get().destination == consumer.email
    checkout.refresh_from_db()
    assert checkout.consumer_id is None
    client.post(path(checkout, "code"), {"code": "111111"})
    assert "How do you want to pay?" in text(client.get(path(checkout)))


def test_the_shop_knows_the_address_and_one_tap_sends_the_code(client, open_checkout, email):
    to = email("+approve")
    told = {"email": to.upper(), "name": "Anna Nielsen", "address": {"line1": "9 Shop St", "postal_code": "10002", "city": "New York"}}
    checkout = open_checkout(customer=told)
    page = client.get(path(checkout))
    assert f"{to[0].upper()}···@" in text(page)
    assert to not in page.content.decode()
    client.post(path(checkout, "contact"), {"known": "1"})
    client.post(path(checkout, "code"), {"code": "111111"})
    details = client.get(path(checkout)).content.decode()
    assert 'value="Anna Nielsen"' in details
    assert 'value="9 Shop St"' in details


def test_what_the_shop_told_about_another_person_is_not_shown(client, open_checkout, email):
    told = {"email": "victim@example.com", "name": "Anna Nielsen", "address": {"line1": "9 Shop St"}}
    checkout = open_checkout(customer=told)
    enter(client, checkout, email())
    details = client.get(path(checkout)).content.decode()
    assert "Anna Nielsen" not in details
    assert "9 Shop St" not in details


def test_details_name_every_field_at_fault(client, open_checkout, email):
    checkout = open_checkout()
    enter(client, checkout, email())
    answer = client.post(path(checkout, "details"), DETAILS | {"birth_date": OF_A_CHILD, "postal_code": "99"})
    answer = asked_again(answer)
    page = answer.content.decode()
    assert 'id="id_birth_date_error"' in page
    assert 'id="id_postal_code_error"' in page
    assert "You must be at least 18 years old." in text(answer)
    assert "Enter a ZIP code such as 10001." in text(answer)
    assert Consumer.objects.get().name == ""


def test_who_signs_up_by_phone_is_asked_for_an_email(client, open_checkout):
    checkout = open_checkout()
    client.post(path(checkout, "contact"), {"contact": "(202) 555-0147"})
    assert SignInCode.objects.get().destination == "+12025550147"
    client.post(path(checkout, "code"), {"code": "111111"})
    page = client.get(path(checkout)).content.decode()
    asked = re.findall(r'<input type="(?:text|date|email)" name="(\w+)"', page)
    assert asked == ["name", "birth_date", "line1", "postal_code", "city", "region", "email"]
    assert len(asked) + 2 == 9


def test_a_refusal_for_the_limit_says_how_much_is_left(client, open_checkout, email, bought, sign_in):
    address = email("+approve")
    owner = bought(22_900, email=address).consumer
    checkout = open_checkout(140_000)
    sign_in(client, owner)
    enter(client, checkout, address)
    page = text(client.get(path(checkout)))
    assert "The amount is above what is left of your spending limit." in page
    assert "You have $1,271.00 left of your spending limit." in page


def test_a_refusal_says_why_and_closes_the_checkout_when_its_person_leaves(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+decline"))
    page = text(client.get(path(checkout)))
    assert "left of your spending limit" not in page
    assert "would not have refused" not in page
    assert "Nothing that you can change within a few weeks would have been enough." in page
    for what in (
        "We cannot offer you a plan this time",
        "Nothing was charged",
        "The main reason",
        "Other ways to pay at Nordlys Lamps",
        "Ask a person",
    ):
        assert what in page
    answer = client.post(path(checkout, "leave"))
    assert (answer.status_code, answer["Location"]) == (303, "https://shop.example/basket")
    checkout.refresh_from_db()
    assert checkout.status == "canceled"
    assert "This checkout was canceled" in text(client.get(path(checkout)))


def test_an_identity_that_cannot_be_confirmed_may_be_corrected(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+kyc_fail"))
    page = text(client.get(path(checkout)))
    assert "We could not confirm who you are" in page
    again = client.get(path(checkout, "details"))
    assert 'value="Anna Nielsen"' in again.content.decode()
    client.post(path(checkout, "details"), DETAILS | {"name": "Anna Nilsen"})
    assert Consumer.objects.get().name == "Anna Nilsen"
    assert "We could not confirm who you are" in text(client.get(path(checkout)))


def test_a_check_that_takes_long_waits_kindly(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+kyc_pending"))
    page = client.get(path(checkout))
    assert "We are checking who you are" in text(page)
    assert page["Refresh"] == "10"


def test_a_source_that_is_down_loses_nothing(client, open_checkout, email, sandbox_world):
    from core import remote

    # More than people decide on without a report.
    checkout = open_checkout(60_000)
    enter(client, checkout, email("+approve"))
    remote.sandbox().post("/control/chaos", {"target": "bureau", "fail_rate": 1})
    try:
        client.post(path(checkout, "details"), DETAILS)
        assert "Almost there" in text(client.get(path(checkout)))
        answer = client.post(path(checkout, "proceed"))
        answer = asked_again(answer)
        assert "nothing was charged" in text(answer)
    finally:
        remote.sandbox().post("/control/chaos", {"target": "bureau"})
    client.post(path(checkout, "proceed"))
    assert "How do you want to pay?" in text(client.get(path(checkout)))


def test_a_purchase_above_the_order_limit_is_announced_and_held(client, open_checkout, email):
    checkout = open_checkout(120_000)
    at_plan(client, checkout, email("+approve"))
    card = with_card(checkout)
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    assert "A person checks this purchase." in text(pay)
    answer = client.post(path(checkout, "confirm"), hidden(pay) | {"card": card.public_id})
    assert answer["Location"] == path(checkout)
    page = client.get(path(checkout))
    assert "A person is checking your purchase" in text(page)
    assert f"https://shop.example/thanks?checkout={checkout.public_id}&amp;order=" in page.content.decode()


def test_expired_and_unknown_checkouts_say_so(client, open_checkout, monkeypatch):
    checkout = open_checkout()
    checkouts.expire_checkout(checkout_id=checkout.id, merchant=checkout.merchant, at=now())
    page = client.get(path(checkout))
    assert page.status_code == 410
    assert "This checkout has expired" in text(page)
    for wrong in ("chk_nothing", "ord_" + checkout.public_id[4:], "chk_" + "a" * 26):
        assert client.get(f"/checkout/{wrong}").status_code == 404


def test_time_that_is_over_closes_the_page_before_the_timer_does(client, open_checkout):
    checkout = open_checkout()
    Checkout.objects.filter(id=checkout.id).update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.get(path(checkout)).status_code == 410
    assert client.post(path(checkout, "contact"), {"contact": "a@example.com"})["Location"] == path(checkout)
    assert SignInCode.objects.count() == 0


def test_pages_are_kept_by_no_cache_and_want_a_token(open_checkout):
    checkout = open_checkout()
    page = Client().get(path(checkout))
    assert "no-store" in page["Cache-Control"]
    assert "private" in page["Cache-Control"]
    answer = Client(enforce_csrf_checks=True).post(path(checkout, "contact"), {"contact": "a@example.com"})
    assert answer.status_code == 403
    assert "This page was open too long" in text(answer)
    assert SignInCode.objects.count() == 0


def test_a_shop_in_denmark_writes_kroner(client, buy, moment, email, db):
    from markets.models import Market
    from merchants.services import create_merchant

    shop = create_merchant(
        name="Trailhead Outdoor",
        legal_name="Trailhead ApS",
        market=Market.objects.get(code="DK"),
        payout_destination="b",
        slug="trail",
        at=moment,
    )
    checkout = buy.open(shop, 128_000, moment)
    page = client.get(path(checkout)).content.decode()
    assert "1.280,00\xa0kr." in page
    assert '<html lang="en-DK"' in page
    enter(client, checkout, email("+approve"))
    client.post(
        path(checkout, "details"),
        {"name": "Anna Nielsen", "birth_date": "1990-05-31", "line1": "Vej 1", "postal_code": "2100", "city": "Aarhus"},
    )
    plan = text(client.get(path(checkout)))
    assert "320,00 kr." in plan
    assert "withdraw from this credit within 14 days" in text(client.get(path(checkout, "agreement"), {"plan": "pay_in_4"}))
