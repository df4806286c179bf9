"""A person's own limit on their pages: set, purchases stopped, lifted; and what the checkout says then."""

from unittest.mock import patch

import pytest

from accounts.models import Consumer
from credit.models import CreditLine, Decision
from credit.reasons import HELPS
from notifications.models import Message
from portals.consumer.limit.page import raises_of
from tests.credit.test_rules import MIDDLING, inputs
from tests.lines import give_line
from tests.owner import tamper
from tests.portals.test_checkout_pages import at_plan, path, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signed_in(client, open_checkout, email):
    """Sign a person with a limit in, and return their address."""
    to = email("+approve")
    at_plan(client, open_checkout(), to)
    return to


def test_a_person_sets_stops_and_lifts_their_own_limit(client, signed_in):
    limit = CreditLine.objects.get()
    assert "Set a lower limit, or stop new purchases" in text(client.get("/limit"))
    said = text(client.post("/limit/own", {"currency": "USD", "amount": "100", "set": ""}, follow=True))
    assert "You spend at most $100.00 from now on." in said
    assert "Change your own limit" in said
    assert text(client.get("/home")).count("Your own limit") == 1
    assert "Stopped by you" in text(client.post("/limit/own", {"currency": "USD", "stop": ""}, follow=True))
    assert "Allow new purchases again" in text(client.get("/limit/own?currency=USD"))
    limit.refresh_from_db()
    assert (limit.own_minor, limit.own_at is not None) == (0, True)
    assert "Your own limit is lifted." in text(client.post("/limit/own", {"currency": "USD", "lift": ""}, follow=True))
    limit.refresh_from_db()
    assert (limit.own_minor, limit.own_at) == (None, None)


@pytest.mark.parametrize(("amount", "told"), [("", "Enter an amount."), ("0", "Enter an amount above zero."), ("9000", "Enter less than")])
def test_a_wrong_amount_is_told_at_its_field(client, signed_in, amount, told):
    page = client.post("/limit/own", {"currency": "USD", "amount": amount, "set": ""})
    assert told in text(page)
    assert CreditLine.objects.get().own_minor is None


def test_a_limit_that_is_not_ones_own_does_not_exist(client, signed_in):
    assert client.get("/limit/own?currency=DKK").status_code == 404
    assert client.post("/limit/own", {"currency": "DKK", "stop": ""}).status_code == 404


def test_who_stopped_purchases_reads_that_they_did(client, signed_in, open_checkout):
    client.post("/limit/own", {"currency": "USD", "stop": ""})
    checkout = open_checkout()
    at_plan(client, checkout, signed_in)
    page = text(client.get(path(checkout)))
    assert ("You have stopped new purchases" in page, "Above your own limit" in page) == (True, False)


def test_a_purchase_above_it_is_refused_in_words_of_its_own_without_a_notice(client, signed_in, open_checkout):
    client.post("/limit/own", {"currency": "USD", "amount": "50", "set": ""})
    checkout = open_checkout()
    at_plan(client, checkout, signed_in)
    page = text(client.get(path(checkout)))
    assert "Above your own limit" in page
    assert "You have $50.00 left of your own limit." in page
    assert "look again" not in page
    assert "bureau" not in page
    assert not Message.objects.filter(kind="application_refused").exists()
    assert "Your last application" not in text(client.get("/limit"))


def test_a_further_account_says_what_would_raise_the_limit_and_which_changes_were_elsewhere(client, bought, sign_in, email, moment):
    first, further = (bought(email=email("+approve")).consumer for _ in range(2))
    Consumer.objects.filter(pk=further.pk).update(person=first)
    # The last decision is about the first account, and so is a limit in another currency.
    tamper("UPDATE credit_decision SET consumer_id = %s", [first.pk])
    give_line(consumer=first, currency="DKK", limit_minor=900_000, at=moment)
    pages = []
    for one in (first, further):
        sign_in(client, Consumer.objects.get(pk=one.pk))
        pages.append(text(client.get("/limit")))
    for page in pages:
        # The best credit file: only more income raises the limit.
        assert "A fifth more of your income is left to you each month. Then your limit would be $1,800." in page
    assert [page.count("In another account of yours with us") for page in pages] == [0, 1]


def test_the_page_says_what_would_raise_the_limit(client, signed_in):
    decision = Decision.objects.get()
    assert raises_of(None) == []
    better = raises_of(Decision(inputs=inputs(MIDDLING).as_json(), versions=decision.versions))
    assert better[0]["fact"] in map(str, HELPS.values())
    with patch("portals.consumer.limit.views.raises_of", return_value=better):
        page = text(client.get("/limit"))
    assert f"{better[0]['fact']} Then your limit would be $" in page
