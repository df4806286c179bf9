"""A person shows their income by their bank: allowed in words, read once, seen, taken back; and nobody else's."""

from datetime import timedelta

import pytest
import requests
from django.test import Client

from accounts.models import Consent, Consumer, SupportFlag
from checkout import services as checkouts
from checkout.errors import CheckoutClosed
from checkout.models import Checkout
from core.errors import NotFound
from credit import gateways
from credit.models import BankAccess, Decision
from credit.replaying import replay
from credit.services import ask_balances
from markets.services import load_markets
from payments import services as payments
from tests.portals.test_checkout_pages import at_plan, path, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signed_in(client, open_checkout, email):
    """Sign a person with a limit in."""
    at_plan(client, open_checkout(), email("+approve"))
    return Consumer.objects.get()


def go_there(client, life="salary", answer="yes"):
    """Allow it, choose at the pretended bank, and return the address that leads back."""
    there = client.post("/limit/bank", {"start": ""})["Location"]
    return requests.post(there, data={"life": life, "answer": answer}, timeout=10, allow_redirects=False).headers["Location"]


def come_back(client, address):
    return text(client.get(address[address.index("/limit/bank") :], follow=True))


def test_a_person_shows_their_income_sees_it_and_takes_it_back(client, signed_in):
    assert "Let your bank show it" in text(client.get("/limit"))
    page = client.get("/limit/bank")
    assert "keep only sums and counts" in text(page)
    assert "https:" in page["Content-Security-Policy"].split("form-action")[1].split(";")[0]
    said = come_back(client, go_there(client))
    assert "Thank you. Your next purchase is decided with the income that your bank showed." in said
    assert "a regular income of $3,200 a month" in said
    shown = text(client.get("/limit/bank"))
    assert "Regular income $3,200.00" in shown
    assert "Housing and other fixed costs $935.00" in shown
    assert "Gambling, of all that came in 0% Days below zero, of the last 30 0 Debits that came back in 90 days 0" in shown
    consent = Consent.objects.get(kind="open_banking")
    assert (consent.given, consent.how, consent.language, consent.reference) == (True, "account", "en", BankAccess.objects.get().public_id)
    copy = client.get("/profile/copy").json()
    assert copy["bank_accounts"][0]["figures"]["income_minor"] == 320_000
    assert not {"handle", "access", "marks"} & set(copy["bank_accounts"][0])
    for holder, said in (("shared", "doubted"), ("other", "doubted"), ("same", "same")):
        BankAccess.objects.update(holder=holder)
        assert client.get("/profile/copy").json()["bank_accounts"][0]["holder"] == said
    assert "no access is left" in text(client.post("/limit/bank", {"end": ""}, follow=True))
    assert (BankAccess.objects.get().figures, Consent.objects.filter(kind="open_banking").latest("id").given) == ({}, False)
    assert "Let your bank show it" in text(client.get("/limit"))
    assert "Reading of bank accounts" in text(client.get("/profile"))


def test_all_that_a_person_allowed_is_on_one_page_and_taken_back_there_at_once(client, signed_in, open_checkout, email):
    nothing = text(client.get("/profile/agreed"))
    assert "You have allowed nothing that could be taken back." in nothing
    assert "Question to a credit bureau" in nothing
    come_back(client, go_there(client))
    client.post("/profile/situation", {"driver": "life", "needs": ["no_phone"], "consents": "on"})
    flag = SupportFlag.objects.get()
    page = client.get("/profile/agreed").content.decode()
    assert (page.count("Take it back"), f'value="{flag.pk}"' in page, 'value="open_banking"' in page) == (2, True, True)
    # Nobody else takes it back, and what is named wrongly changes nothing.
    assert "There is nothing of that kind." in text(client.post("/profile/agreed", {"what": "x"}, follow=True))
    other = Client()
    at_plan(other, open_checkout(), email("+approve"))
    for what in (str(flag.pk), "open_banking"):
        other.post("/profile/agreed", {"what": what})
    assert BankAccess.objects.get().read_at is not None
    assert SupportFlag.objects.exists()
    for what in (str(flag.pk), "open_banking"):
        assert "You took it back." in text(client.post("/profile/agreed", {"what": what}, follow=True))
    assert (BankAccess.objects.get().figures, SupportFlag.objects.count()) == ({}, 0)
    after = client.get("/profile/agreed").content.decode()
    assert (after.count("Take it back"), after.count("Taken back on")) == (0, 2)
    assert sorted(Consent.objects.filter(given=False).values_list("kind", flat=True)) == ["open_banking", "support"]


def test_who_allows_nothing_at_the_bank_is_told_so(client, signed_in):
    assert "No bank was connected, and nothing was read." in come_back(client, go_there(client, answer="no"))
    assert (BankAccess.objects.get().read_at, BankAccess.objects.get().handle) == (None, "")


def test_an_account_without_a_regular_income_changes_nothing(client, signed_in):
    assert "no regular income of at least three whole months" in come_back(client, go_there(client, "none"))
    assert "Decisions do not use it" in text(client.get("/limit"))


def test_another_person_s_visit_is_not_read(client, signed_in, open_checkout, email):
    address = go_there(client)
    client.post("/sign-out")
    at_plan(client, open_checkout(), email("+approve"))
    assert "There is no such access to a bank." in come_back(client, address)
    assert BankAccess.objects.get().read_at is None


def test_a_visit_that_waits_is_looked_at_again_or_ended(client, signed_in):
    client.post("/limit/bank", {"start": ""})
    assert "Look again" in text(client.get("/limit/bank"))
    client.post("/limit/bank", {"end": ""})
    assert "Look again" not in text(client.get("/limit/bank"))


def test_where_no_bank_can_be_asked_nothing_is_offered(client, signed_in, monkeypatch):
    monkeypatch.setattr(gateways, "find_bank", lambda **_: None)
    assert "Let your bank show it" not in text(client.get("/limit"))
    assert "No bank can be asked here" in text(client.get("/limit/bank"))
    assert "No bank can be asked here." in text(client.post("/limit/bank", {"start": ""}, follow=True))


HELP = "If it is higher than what we know"
UNVERIFIED = "Your bank showed no regular income of at least three whole months. So it changed nothing."


@pytest.fixture
def refused(client, open_checkout, email):
    """Refuse a purchase above the limit of an excellent credit file; give its checkout."""
    checkout = open_checkout(180_000)
    at_plan(client, checkout, email("+approve"))
    return checkout


def go_from(client, checkout, life):
    """Go from a refused checkout to the bank, and come back; return the page."""
    link = f"/limit/bank?checkout={checkout.public_id}"
    assert link in client.get(path(checkout)).content.decode()
    assert f'name="checkout" value="{checkout.public_id}"' in client.get(link).content.decode()
    there = client.post("/limit/bank", {"start": "", "checkout": checkout.public_id})["Location"]
    back = requests.post(there, data={"life": life, "answer": "yes"}, timeout=10, allow_redirects=False).headers["Location"]
    return client.get(back[back.index("/limit/bank") :], follow=True)


def test_who_is_refused_for_their_limit_shows_their_income_and_the_open_checkout_is_decided_anew(client, refused):
    assert f"decide anew about your purchase at {refused.merchant.name}" in text(client.get("/limit"))
    page = go_from(client, refused, "well_paid")
    assert page.redirect_chain[-1][0] == path(refused)
    assert "How do you want to pay?" in text(page)
    first, second = Decision.objects.order_by("id")
    assert (first.outcome, first.reasons, second.outcome) == ("decline", ["limit_exceeded"], "approve")
    assert second.inputs["banked"]["income_minor"] == 900_000
    assert (replay(first).differences, replay(second).differences) == ({}, {})
    client.get(f"/limit/bank/back?state={BankAccess.objects.get().public_id}")
    assert Decision.objects.count() == 2


def test_an_income_that_is_not_enough_is_refused_anew_and_not_asked_for_again(client, refused):
    page = text(go_from(client, refused, "salary"))
    assert "What you can do" in page
    assert HELP not in page
    assert [one.outcome for one in Decision.objects.all()] == ["decline"] * 2


def test_a_bank_without_a_regular_income_changes_nothing_and_says_so(client, refused):
    page = text(go_from(client, refused, "none"))
    assert UNVERIFIED in page
    assert HELP not in page
    assert Decision.objects.count() == 1


def test_where_no_income_could_change_a_refusal_none_is_asked_for(client, open_checkout, email, monkeypatch):
    checkout = open_checkout()
    at_plan(client, checkout, email("+decline"))
    for page in (path(checkout), "/limit"):
        assert HELP not in text(client.get(page))


def test_without_a_provider_in_the_market_nothing_is_suggested(client, refused, monkeypatch):
    monkeypatch.setattr(gateways, "find_bank", lambda **_: None)
    assert HELP not in text(client.get(path(refused)))


def test_another_person_s_checkout_and_a_closed_one_are_left_alone(client, refused, open_checkout, email):
    client.post("/sign-out")
    at_plan(client, open_checkout(), email("+approve"))
    assert "Back to your purchase" not in text(client.get(f"/limit/bank?checkout={refused.public_id}"))
    client.post("/limit/bank", {"start": "", "checkout": refused.public_id})
    assert BankAccess.objects.get().reference == ""
    before, since = Decision.objects.count(), refused.created_at + timedelta(days=1)
    other = Consumer.objects.exclude(pk=Checkout.objects.get(pk=refused.pk).consumer_id).get()
    with pytest.raises(NotFound):
        checkouts.reconsider(checkout_id=refused.pk, consumer=other, since=since, at=since)
    checkouts.cancel_checkout(checkout_id=refused.pk, at=since)
    own = Checkout.objects.get(pk=refused.pk).consumer
    with pytest.raises(CheckoutClosed):
        checkouts.reconsider(checkout_id=refused.pk, consumer=own, since=since, at=since)
    assert Decision.objects.count() == before


def test_a_person_lets_us_look_at_their_balance_before_debits_and_stops_it(client, signed_in, moment):
    load_markets()
    assert "Look at my balance before debits" not in text(client.get("/limit/bank"))
    payments.add_account(consumer=signed_in, number="000123456789", currency="USD", at=moment)
    page = text(client.get("/limit/bank"))
    assert "Look at my balance before debits, too I also let you look at the balance before each debit of my account." in page
    there = client.post("/limit/bank", {"start": "", "watch": "on"})["Location"]
    back = requests.post(there, data={"life": "salary", "answer": "yes"}, timeout=10, allow_redirects=False).headers["Location"]
    come_back(client, back)
    access = BankAccess.objects.get()
    assert (access.watches, access.closed_at, bool(access.access)) == (True, None, True)
    assert ask_balances(currencies={signed_in.pk: "USD"}, at=moment) == {signed_in.pk: 145_000}
    assert "Before we debit your account we look whether there is enough in it" in text(client.get("/limit/bank"))
    assert "the access has ended" in text(client.post("/limit/bank", {"stop": ""}, follow=True))
    access.refresh_from_db()
    assert (bool(access.closed_at), access.access, access.figures["income_minor"]) == (True, "", 320_000)
    assert ask_balances(currencies={signed_in.pk: "USD"}, at=moment) == {}
    consents = Consent.objects.filter(kind="balance_checks").order_by("id")
    assert [one.given for one in consents] == [True, False]
    assert "Looking at the balance before debits" in text(client.get("/profile"))


def test_nobody_watches_a_balance_without_an_account_or_where_the_market_does_not(client, signed_in):
    client.post("/limit/bank", {"start": "", "watch": "on"})
    assert (BankAccess.objects.get().watches, Consent.objects.filter(kind="balance_checks").count()) == (False, 0)
