"""A refused person asks a human and buys: the operator approves in spite of the refusal, alone or with a second person above an amount."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ConsumerRequest
from checkout.models import Checkout, Order
from checkout.overruling import Overruled
from controls import services as controls
from controls.models import Proposal
from core.clock import wall
from credit.models import Approval, Decision
from tests.operators import make_boss, make_operator
from tests.portals.reading import hidden
from tests.portals.test_checkout_pages import at_plan, path, text, with_card
from tests.portals.test_refused import letters  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk() -> Client:
    """An operator's browser, who may answer, and propose limits."""
    browser = Client()
    may = ["answer_request", "view_consumerrequest", "propose_limit"]
    browser.force_login(make_operator("clerk@kvart.example", name="Clara Clerk", may=may))
    return browser


@pytest.fixture
def asks(client, open_checkout):
    """Give a function that brings somebody to a refusal, and lets them ask a person from there; it returns checkout and request."""

    def ask(amount: int, to: str) -> tuple[Checkout, ConsumerRequest]:
        checkout = open_checkout(amount)
        at_plan(client, checkout, to)
        assert "Ask a person to look again" in text(client.get(path(checkout)))
        door = f"/requests/new/review?about={checkout.public_id}"
        client.post(door, hidden(client.get(door)) | {"text": "My pay has risen"})
        after = text(client.get(path(checkout)))
        assert ("You have asked a person to look again" in after, "Ask a person to look again" in after) == (True, False)
        return checkout, ConsumerRequest.objects.get()

    return ask


def approve(clerk: Client, asked: ConsumerRequest, amount: str, **changed: str) -> str:
    door = reverse("admin:accounts_consumerrequest_overrule", args=[asked.pk])
    decision = Decision.objects.filter(consumer=asked.consumer).latest("id").public_id
    told = {"decision": decision, "amount": amount, "why": "figures_proven", "note": "Pay slips"}
    return text(clerk.post(door, told | changed, follow=True))


def test_the_person_is_answered_and_the_open_purchase_goes_on(client, asks, clerk, email, letters):  # noqa: F811
    to = email("+decline")
    checkout, asked = asks(22_900, to)
    page = text(clerk.get(reverse("admin:accounts_consumerrequest_change", args=[asked.pk])))
    assert "Approve it all the same" in page
    assert "Approved. The person is told." in approve(clerk, asked, "229.00")
    letter = letters(to)[-1]
    assert "answer" in letter.lower()
    answer = client.get(f"/requests/{asked.public_id}")
    assert "you can buy for up to $229.00 at Nordlys Lamps after all" in text(answer)
    assert f'href="{path(checkout)}"' in answer.content.decode()
    client.post(path(checkout, "proceed"))
    assert "How do you want to pay?" in text(client.get(path(checkout)))
    card = with_card(checkout)
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    client.post(path(checkout, "confirm"), hidden(pay) | {"card": card.public_id})
    assert Order.objects.get(checkout=checkout).status == "authorized"
    after = text(clerk.get(reverse("admin:accounts_consumerrequest_change", args=[asked.pk])))
    assert "Approve it all the same" not in after
    for told in ("Approve up to $229.00", "Income or costs were proven to be better", "Pay slips"):
        assert told in after, told
    boss = Client()
    boss.force_login(make_boss())
    for decision in Decision.objects.all():
        shown = text(boss.get(reverse("admin:credit_decision_change", args=[decision.pk])))
        for told in ("Approved by people", "Clara Clerk", "Pay slips", "Score of the bureau 0 / 370"):
            assert told in shown, told
    assert Decision.objects.count() == 2


def test_a_large_amount_takes_two_and_is_answered_by_the_second(client, asks, clerk, email):
    _checkout, asked = asks(190_000, email("+decline"))
    assert "Proposed. Another person decides now." in approve(clerk, asked, "1900.00")
    made = Proposal.objects.get()
    assert (made.kind, made.subject, made.after["amount_minor"]) == (Overruled.name, Decision.objects.get().public_id, 190_000)
    asked.refresh_from_db()
    assert (asked.status, Approval.objects.count()) == ("open", 0)
    assert "This is proposed, and waits for a second person." in text(
        clerk.get(reverse("admin:accounts_consumerrequest_change", args=[asked.pk]))
    )
    second = make_operator("second@kvart.example", name="Sam Second", may=["approve_limit"])
    controls.approve_proposal(proposal_id=made.pk, user=second, at=wall())
    asked.refresh_from_db()
    assert (asked.status, asked.answered_by.name, Approval.objects.get().actor) == ("answered", "Clara Clerk", f"proposal:{made.public_id}")


@pytest.mark.parametrize(("amount", "changed"), [("229.01", {}), ("0", {}), ("x", {}), ("1.00", {"why": "x"}), ("1.00", {"note": ""})])
def test_a_wrong_form_is_shown_again_and_changes_nothing(asks, clerk, email, amount, changed):
    _checkout, asked = asks(22_900, email("+decline"))
    page = approve(clerk, asked, amount, **changed)
    assert "Approve it all the same" in page
    asked.refresh_from_db()
    assert (asked.status, Approval.objects.count()) == ("open", 0)


def test_who_may_only_answer_does_not_approve(client, asks, clerk, email):
    _checkout, asked = asks(22_900, email("+decline"))
    other = Client()
    other.force_login(make_operator("only@kvart.example", may=["answer_request", "view_consumerrequest"]))
    assert "Approve it all the same" not in text(other.get(reverse("admin:accounts_consumerrequest_change", args=[asked.pk])))
    assert other.post(reverse("admin:accounts_consumerrequest_overrule", args=[asked.pk]), {}).status_code == 403


def test_the_approval_is_of_the_refusal_that_the_page_showed(client, asks, clerk, email):
    _checkout, asked = asks(22_900, email("+decline"))
    assert "Something newer was decided meanwhile." in approve(clerk, asked, "1.00", decision="dec_x")
    assert Approval.objects.count() == 0


def test_nobody_approves_their_own_purchase(client, asks, clerk, email):
    to = email("+decline")
    _checkout, asked = asks(22_900, to)
    own = Client()
    own.force_login(make_operator(to, may=["answer_request", "view_consumerrequest", "propose_limit"]))
    assert "Nobody decides about their own purchase." in approve(own, asked, "1.00")
    assert "Nobody decides about their own purchase." in approve(own, asked, "229.00")
    assert Approval.objects.count() == 0


def asks_on_the_limit(browser: Client) -> ConsumerRequest:
    door = reverse("request_new", args=["review"])
    browser.post(door, hidden(browser.get(door)) | {"text": "My pay has risen"})
    return ConsumerRequest.objects.latest("id")


def test_who_asked_on_the_page_of_the_limit_goes_on_after_a_decision_was_made_again(client, open_checkout, clerk, email):
    checkout = open_checkout(22_900)
    at_plan(client, checkout, email("+decline"))
    asked = asks_on_the_limit(client)
    assert "Decided again" in text(clerk.post(reverse("admin:accounts_consumerrequest_again", args=[asked.pk]), follow=True))
    assert "Approved. The person is told." in approve(clerk, asked, "229.00")
    checkout.refresh_from_db()
    assert checkout.decision is None
    assert "you can buy for up to $229.00 at Nordlys Lamps after all" in text(client.get(f"/requests/{asked.public_id}"))
    page = client.get("/limit")
    assert "A person looked at it again: you can buy for up to $229 at Nordlys Lamps until" in text(page)
    assert f'href="{path(checkout)}"' in page.content.decode()
    assert "What counted most" not in text(page)
    client.post(path(checkout, "proceed"))
    assert "How do you want to pay?" in text(client.get(path(checkout)))
    card = with_card(checkout)
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    client.post(path(checkout, "confirm"), hidden(pay) | {"card": card.public_id})
    assert Order.objects.get(checkout=checkout).status == "authorized"
    assert "A person looked at it again" not in text(client.get("/limit"))


@pytest.mark.parametrize(("amount", "reopens"), [(22_900, True), (23_000, False)])
def test_what_was_approved_for_one_account_opens_the_refused_checkout_of_the_person_s_other_one(
    client, open_checkout, clerk, email, amount, reopens
):
    first, second = open_checkout(22_900), open_checkout(amount)
    at_plan(client, first, email("+decline"))
    other = Client()
    at_plan(other, second, email("+decline"))
    second.refresh_from_db()
    assert (second.decision.outcome, second.consumer.holder_id) == ("decline", Checkout.objects.get(pk=first.pk).consumer_id)
    assert "Approved. The person is told." in approve(clerk, asks_on_the_limit(client), "229.00")
    second.refresh_from_db()
    assert (second.decision is None) == reopens
    page = other.get("/limit")
    assert ("you can buy for up to $229 until" in text(page), "Nordlys Lamps" in text(page)) == (True, False)
    if reopens:
        other.post(path(second, "proceed"))
        assert "How do you want to pay?" in text(other.get(path(second)))
