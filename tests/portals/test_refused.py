"""Who was refused, or waited for nothing, is told so and why: by mail at once, and on the page of the limit."""

from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

import pytest
import requests

from accounts.models import Consumer
from checkout import services as checkouts
from checkout.models import Checkout, Order
from checkout.services.histories import history_of
from core import clock, timers
from core.money import Money
from credit import services as credit
from credit.gateways import bureau_http
from credit.models import Decision, Inquiry
from credit.reasons import sentences
from markets.models import Market
from merchants.services import create_merchant
from notifications.models import Message
from payments import gateways
from plans import services as plans
from plans.models import Installment
from tests.owner import tamper
from tests.portals.test_checkout_pages import at_plan, enter, path, text
from webhooks.models import MerchantEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def letters(sandbox_world, settings):
    """Give a function that reads what the mailbox got for an address, oldest first, once everything was sent."""
    settings.EMAIL_BACKEND = "notifications.gateways.mailbox.MailboxBackend"

    def read(to: str, at: datetime | None = None) -> list[str]:
        timers.run_until_quiet(at=at or clock.now())
        found = requests.get(f"{sandbox_world}/mailbox/api/messages", params={"to": to, "limit": 100}, timeout=30).json()["data"]
        return [f"{mail['subject']}\n{mail['text']}" for mail in found[::-1] if "verification code" not in mail["subject"]]

    return read


def test_a_refusal_is_told_by_mail_with_its_reasons(client, open_checkout, email, letters):
    to = email("+decline")
    at_plan(client, open_checkout(), to)
    decision = Decision.objects.get()
    assert decision.outcome == "decline"
    (letter,) = letters(to)
    assert letter.startswith("$229.00 at Nordlys Lamps: we cannot offer you a plan this time\n")
    for sentence in (
        *(f"- {reason}" for reason in sentences(decision.reasons)),
        "We asked a credit bureau for a report about you.",
        "A computer decided this. You may have a person look at it",
        "To have a person look at it again",
        "The federal agency that administers compliance with this law concerning this creditor is: Federal Trade Commission",
    ):
        assert sentence in letter, sentence
    assert letter.count("\n- ") == len(decision.reasons)
    assert letters(to) == [letter]
    page = text(client.get("/limit"))
    assert "No limit at the moment" in page
    assert sentences(decision.reasons)[0] in page
    assert "No limit yet" not in page


def test_a_refusal_stands_beside_a_limit_that_was_given_before(client, open_checkout, email, letters):
    at_plan(client, open_checkout(), email("+approve"))
    client.cookies.clear()
    # The same name, birthday and address under another e-mail address: one person with one limit. The bureau is asked again a year later.
    tamper("UPDATE credit_inquiry SET asked_at = asked_at - interval '1 year', answered_at = answered_at - interval '1 year'")
    to = email("+decline")
    at_plan(client, open_checkout(), to)
    assert len(letters(to)) == 1
    page = text(client.get("/limit"))
    assert "You can spend" in page
    assert "Your last application" in page
    assert sentences(Decision.objects.get(outcome="decline").reasons)[0] in page
    assert "No limit at the moment" not in page


BUREAU = (
    "It is Sandbox Credit Bureau (not a real company), 1 Nowhere Street, Exampleville, EX 00000, telephone +1 202-555-0100.",
    "The bureau did not decide, and cannot tell you why we did.",
)
AMERICAN = (
    "You have the right to a free copy of your report from it if you ask within 60 days of this notice, and to dispute with it",
    "the bureau gave us your credit score, 382; its scores go from 300 to 850.",
    "The key factors that adversely affected your credit score: Late payments in the last 24 months; Balances are high compared with",
    "with credit limits; Credit history is short; Number of open accounts; Number of recent inquiries.",
    "The federal Equal Credit Opportunity Act prohibits creditors from discriminating",
    "is: Federal Trade Commission, Equal Credit Opportunity, Washington, DC 20580.",
    "The creditor is Kvart Finance Inc., 4 Example Square, Exampleville, EX 00000.",
)


def told_in(where: str) -> str:
    """Return a text with its spaces evened out."""
    return " ".join(unescape(where).split())


def test_an_american_refusal_names_the_bureau_the_rights_the_creditor_and_the_agency(client, open_checkout, email, letters, monkeypatch):
    to, checkout = email("+decline"), open_checkout()
    at_plan(client, checkout, to)
    told = Decision.objects.get().inquiry.agency
    assert (told["identifier"], told["phone"]) == ("sandbox", "+1 202-555-0100")
    # Even if another bureau is asked from now on, the letter names the one that was asked.
    other = replace(bureau_http.SANDBOX, name="Another Bureau", address="elsewhere", phone="+1 202-555-0199")
    monkeypatch.setattr(bureau_http, "SANDBOX", other)
    gateways.forget()
    (letter,) = letters(to)
    for where in (letter, text(client.get(path(checkout))), text(client.get("/limit"))):
        assert [sentence for sentence in (*BUREAU, *AMERICAN) if sentence not in told_in(where)] == []
        assert "Another Bureau" not in where


def test_a_european_refusal_names_the_database_and_the_right_to_a_person(client, open_checkout, email, letters, moment):
    to, denmark = email("+decline"), Market.objects.get(code="DK")
    shop = create_merchant(name="Lys", legal_name="Lys ApS", market=denmark, payout_destination="b", slug="lys", at=moment)
    checkout = open_checkout(22_900, shop=shop)
    enter(client, checkout, to)
    told = {"name": "Anna Nielsen", "birth_date": "1990-05-31", "line1": "Vej 1", "postal_code": "DK-2100", "city": "Aarhus"}
    client.post(path(checkout, "details"), told)
    (letter,) = letters(to)
    page = text(client.get(path(checkout)))
    for where in (letter, page):
        assert [one for one in (*BUREAU, "You may ask it, free of charge, what it keeps about you") if one not in told_in(where)] == []
        assert [one for one in ("60 days", "Equal Credit", "credit score", "key factors") if one in where] == []
    assert "You may have a person look at it, say what you think of it, and be told the reasons." in page
    assert "To have a person look at it again" in letter


def test_a_refusal_elsewhere_names_no_american_law(client, open_checkout, email, letters, moment):
    to, denmark = email("+decline"), Market.objects.get(code="DK")
    shop = create_merchant(name="Lys", legal_name="Lys ApS", market=denmark, payout_destination="b", slug="lys", at=moment)
    checkout = open_checkout(22_900, shop=shop)
    enter(client, checkout, to)
    told = {"name": "Anna Nielsen", "birth_date": "1990-05-31", "line1": "Vej 1", "postal_code": "DK-2100", "city": "Aarhus"}
    client.post(path(checkout, "details"), told)
    (letter,) = letters(to)
    assert sentences(Decision.objects.get().reasons)[0] in letter
    assert "Equal Credit" not in letter


def test_an_identity_that_could_not_be_confirmed_is_told_by_mail(client, open_checkout, email, letters):
    to = email("+kyc_fail")
    at_plan(client, open_checkout(), to)
    (letter,) = letters(to)
    assert letter.startswith("We could not confirm who you are\n")
    assert "Federal Trade Commission" in letter
    page = text(client.get("/limit"))
    assert "We could not confirm who you are." in page
    assert "No limit yet" not in page


def test_an_approval_is_no_refusal(client, open_checkout, email, letters):
    to = email("+approve")
    at_plan(client, open_checkout(), to)
    assert letters(to) == []
    assert not Message.objects.filter(kind="application_refused").exists()


@pytest.fixture
def held(client, open_checkout, email, buy, moment):
    """An order that waits for a person, and whose browser it is."""
    to = email("+fraud_hold")
    checkout = open_checkout()
    enter(client, checkout, to)
    buy.finish(checkout, to, at=moment)
    return Order.objects.select_related("consumer", "merchant").get(status="pending_review")


def test_an_order_that_nobody_decided_tells_the_truth(client, held, letters):
    over = held.expires_at + timedelta(minutes=1)
    checkouts.expire_orders(at=over)
    held.refresh_from_db()
    assert (held.status, held.authorized_at) == ("expired", None)
    letter = letters(held.consumer.email, over)[-1]
    assert letter.startswith("$229.00 at Nordlys Lamps: we did not finish checking your order\n")
    assert "not the shop's" in letter
    for page in (client.get(f"/purchases/{held.public_id}"), client.get("/purchases?show=done"), client.get("/purchases")):
        assert "did not ship" not in text(page)
    assert "We did not finish checking it in time" in text(client.get(f"/purchases/{held.public_id}"))
    done = text(client.get(path(Checkout.objects.get(id=held.checkout_id))))
    assert "We did not finish checking it in time, so you owe nothing." in done
    assert MerchantEvent.objects.filter(merchant=held.merchant, type="order.expired").count() == 1


def test_an_order_that_the_shop_did_not_ship_says_so(client, bought, sign_in, email, letters):
    to = email("+approve")
    order = bought(send=False, email=to)
    sign_in(client, order.consumer)
    over = order.expires_at + timedelta(minutes=1)
    checkouts.expire_orders(at=over)
    assert "did not ship your order while we kept it open" in letters(to, over)[-1]
    assert "The shop did not ship it" in text(client.get(f"/purchases/{order.public_id}"))


def test_while_a_payment_is_late_nothing_can_be_spent(client, bought, sign_in, email):
    order = bought(email=email("+approve"))
    sign_in(client, order.consumer)
    assert "Paused" not in text(client.get("/limit"))
    Installment.objects.filter(plan=order.plan_id, number=2).update(status="overdue", due_date=clock.now().date() - timedelta(days=20))
    for address in ("/limit", "/home"):
        page = text(client.get(address))
        assert "You can spend $0.00" in page
        assert "New purchases wait until" in page


@pytest.mark.parametrize("kind", ["deceased", "insolvent"])
def test_for_who_died_or_is_insolvent_nothing_is_approved_though_nothing_is_late(client, bought, sign_in, email, kind):
    consumer = bought(email=email("+approve")).consumer
    sign_in(client, consumer)
    plans.stand_still(consumer_id=consumer.pk, kind=kind, actor="olivia", at=clock.now())
    told = {"amount": Money(5_000, "USD"), "at": clock.now(), "history": history_of(consumer)[0]}
    asked = Inquiry.objects.count()
    made = credit.decide(consumer=consumer, reference="chk_1", fresh=True, **told)
    assert (made.outcome, made.reasons, Inquiry.objects.count()) == ("decline", ["account_restricted"], asked)
    for address in ("/limit", "/home"):
        page = text(client.get(address))
        assert "You can spend $0.00" in page
        assert "You cannot buy more at the moment." in page


def test_what_is_open_in_another_account_counts_on_the_page(client, bought, sign_in, email):
    mine, other = bought(email=email("+approve")), bought(30_000, email=email("+approve"))
    Consumer.objects.filter(pk=other.consumer_id).update(person=mine.consumer_id)
    sign_in(client, mine.consumer)
    page = text(client.get("/limit"))
    assert "$529.00 of your $1,500.00 limit is in use" in page
    assert "Other credit of yours that we know of counts too." in page
