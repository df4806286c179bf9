"""Who was refused asks a person, who sees what the machine saw and decides again; the purchase goes on, and a large one by two people."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import ConsumerRequest
from checkout.models import Order
from core import providers
from credit.models import Decision
from credit.replaying import replay
from notifications.models import Message
from tests.bureau_server import Bureau, account_with, use_accounts
from tests.operators import make_operator
from tests.portals.reading import hidden
from tests.portals.test_checkout_pages import at_plan, path, text, with_card
from tests.portals.test_refused import letters  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)
WEAK = {"score": 520, "delinquencies_24m": 2, "utilization_pct": 95, "inquiries_6m": 8, "oldest_account_months": 9}


@pytest.fixture
def bureau(settings):
    """A bureau that has mixed up somebody's file."""
    settings.BUREAU = "nobody"
    made = Bureau()
    use_accounts(account_with(made, "first", 1))
    yield made
    made.close()
    providers.keep(())


def desk(name: str, *may: str) -> Client:
    """The browser of an operator with these rights."""
    browser = Client()
    browser.force_login(make_operator(f"{name}@kvart.example", "demo-password", name=name.title(), may=may))
    return browser


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("amount", [40_000, 120_000])
def test_a_refused_person_asks_a_human_and_buys(bureau, open_checkout, email, letters, language, amount):  # noqa: F811
    browser, to = Client(headers={"Accept-Language": language}), email("+approve")
    checkout, good = open_checkout(amount), bureau.report
    bureau.report = good | WEAK
    consumer = at_plan(browser, checkout, to)
    with translation.override(language):
        title, plans, waits = (gettext(words) for words in ("Have a person look again", "How do you want to pay?", "Waiting"))
    refused = browser.get(path(checkout)).content.decode()
    (door,) = set(re.findall(r'href="(/requests/new/review\?about=[^"]+)"', refused))

    form = browser.get(door)
    assert title in text(form)
    asked = browser.post(door, hidden(form) | {"text": "That file is not mine."})
    assert waits in text(browser.get(asked["Location"]))
    row = ConsumerRequest.objects.get(kind="review")
    clerk = desk("clara", "view_consumerrequest", "answer_request")
    seen = text(clerk.get(reverse("admin:accounts_consumerrequest_change", args=[row.pk])))
    assert "That file is not mine" in seen
    assert "What was decided last" in seen
    assert plans not in text(browser.get(path(checkout)))

    bureau.report = good
    clerk.post(reverse("admin:accounts_consumerrequest_again", args=[row.pk]))
    answer = {"outcome": "done", "answer": "The bureau corrected your file. You can go on."}
    clerk.post(reverse("admin:accounts_consumerrequest_answer", args=[row.pk]), answer)
    assert any(f"/requests/{row.public_id}" in letter for letter in letters(to))
    assert Message.objects.filter(consumer=consumer, kind="request_answered", channel="inbox").count() == 1
    assert answer["answer"] in text(browser.get(asked["Location"]))

    page = browser.get(path(checkout))
    browser.post(path(checkout, "proceed"), hidden(page))
    assert plans in text(browser.get(path(checkout)))
    card = with_card(checkout)
    pay = browser.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    assert browser.post(path(checkout, "confirm"), hidden(pay) | {"card": card.public_id}).status_code in {302, 303}
    order = Order.objects.get(checkout=checkout)
    if amount > 100_000:
        assert order.status == "pending_review"
        _let_by_two(order)
        order.refresh_from_db()
    assert order.status == "authorized"
    made = list(Decision.objects.order_by("id"))
    assert [one.outcome for one in made] == ["decline", "approve", "approve"]
    assert bureau.asked == 2
    assert all(replay(one).differences == {} for one in made)


def _let_by_two(order: Order) -> None:
    """One operator prepares the held order, and another decides; one alone cannot."""
    may = ("view_orderreview", "prepare_review", "decide_review")
    one, other = desk("olivia", *may), desk("oscar", *may)
    review = order.review
    one.post(reverse("admin:checkout_orderreview_prepare", args=[review.pk]), {"recommendation": "approve", "note": "It is right now."})
    decided = {"decision": "approve", "reason": "It fits.", "seen": "1", "confirmed": "1"}
    door = reverse("admin:checkout_orderreview_decide", args=[review.pk])
    one.post(door, decided)
    order.refresh_from_db()
    assert order.status == "pending_review"
    other.post(door, decided)
