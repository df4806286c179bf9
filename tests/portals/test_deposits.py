"""A deposit as people meet it: said before the choice, on the last page, in letters and documents, and offered on the page of a refusal."""

import pytest

from checkout import services as checkouts
from checkout.models import Checkout, Order
from credit.models import Decision
from payments.models import Authorization
from tests.offer_rules import offer_rule, rule_offers
from tests.portals.test_checkout_pages import at_plan, path, text
from tests.portals.test_refused import letters

__all__ = ["letters"]
pytestmark = pytest.mark.django_db(transaction=True)


def add_card(client, checkout, plan):
    return client.post(f"{path(checkout)}/card", {"plan": plan})


def test_a_deposit_is_said_before_the_choice_and_held_with_the_last_click(client, open_checkout, email, letters, moment):
    rule_offers(offer_rule("deposit", 0.2))
    to, checkout = email("+approve"), open_checkout()
    at_plan(client, checkout, to)
    page = text(client.get(path(checkout)))
    assert "We ask for a deposit of at least $45.80 for this purchase." in page
    assert "Deposit of $45.80 · " in page
    assert "Deposit of $57.25 · " in page
    last = text(client.get(f"{path(checkout)}/pay?plan=monthly_6"))
    assert "The deposit is held on your card now, and taken when the shop ships, after 6 days at the latest." in last
    assert "Deposit, within 6 days" in last
    paper = text(client.get(f"{path(checkout)}/agreement?plan=monthly_6"))
    assert "Deposit (down payment) $45.80" in paper
    assert "Amount of credit (amount financed) $183.20" in paper


def test_a_refusal_for_the_limit_offers_a_deposit_and_goes_on_with_it(client, open_checkout, email, letters):
    to, checkout = email("+approve"), open_checkout(amount=190_050)
    at_plan(client, checkout, to)
    refused = Decision.objects.get()
    deposit = Checkout.objects.get().amount_minor - refused.counter_minor
    said = f"${deposit / 100:,.2f}"
    page = text(client.get(path(checkout)))
    assert "You can buy it with a deposit" in page
    assert f"Pay {said} as a deposit, and the other ${refused.counter_minor / 100:,.2f} in installments." in page
    assert "The amount is above what is left of your spending limit." in page
    (letter,) = letters(to)
    assert f"we can offer you a plan with a deposit of {said}" in letter.splitlines()[0]
    assert "If you do not take it, this is our refusal." in letter
    assert "Federal Trade Commission" in letter
    notice = client.get(f"/limit/refusals/{refused.public_id}.pdf")
    assert notice.status_code == 200
    for _ in range(2):
        answer = client.post(f"{path(checkout)}/counter-offer")
        assert (answer.status_code, answer["Location"]) == (302, path(checkout))
    assert Decision.objects.count() == 2
    plans = text(client.get(path(checkout)))
    assert f"We ask for a deposit of at least {said} for this purchase." in plans
    assert not Authorization.objects.exists()
    assert not Order.objects.exists()


def test_an_offer_whose_plans_ask_for_different_deposits_says_so(client, open_checkout, bought, email):
    bought(60_000, email=(to := email("+approve")), product="pay_in_30")
    checkout = open_checkout(amount=100_000)
    at_plan(client, checkout, to)
    lent = Decision.objects.latest("id").counter_minor
    assert 80_000 < lent < 100_000
    page = text(client.get(path(checkout)))
    assert f"Pay at least ${(100_000 - lent) / 100:,.2f} as a deposit, and the rest, at most ${lent / 100:,.2f}, in installments" in page
    assert "4 payments: Deposit of $250.00" in page
    assert f"6 months: Deposit of ${(100_000 - lent) / 100:,.2f}" in page


def test_who_does_not_take_it_leaves_and_the_shop_is_told(client, open_checkout, email):
    checkout = open_checkout(amount=190_050)
    at_plan(client, checkout, email("+approve"))
    client.post(f"{path(checkout)}/leave")
    assert Checkout.objects.get().status == "canceled"
    with pytest.raises(Exception, match="canceled"):
        checkouts.accept_counter(checkout_id=checkout.pk, consumer=Decision.objects.get().consumer, at=checkout.created_at)
