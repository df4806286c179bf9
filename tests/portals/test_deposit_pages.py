"""A deposit until it is used, as its person, its shop and operators read it: held, taken, not taken, paid anew, gone back."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from checkout import services as checkouts
from core import timers
from payments.gateways.base import Outcome, Status
from payments.gateways.sandbox import SandboxGateway
from plans import services as plans
from plans.queries import find_deposit
from simulation import shopper
from tests.offer_rules import offer_rule, rule_offers
from tests.operators import make_operator
from tests.portals.merchant.conftest import desk_of, owner
from tests.portals.test_consumer_pages import text
from tests.portals.test_refused import letters

__all__ = ["desk_of", "letters", "owner"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(bought):
    """An order of 600.00 with a deposit of 120.00, which the shop has not sent."""
    rule_offers(offer_rule("deposit", 0.2))
    return bought(60_000, send=False, product="monthly_6")


@pytest.fixture
def declines(monkeypatch):
    """Give a function that lets all charges fail, or go on as usual."""
    real = SandboxGateway.charge

    def say(failure: str) -> None:
        failing = lambda *_told: Outcome(Status.FAILED, failure=failure)  # noqa: E731
        monkeypatch.setattr(SandboxGateway, "charge", failing if failure else real)

    return say


def page_of(client, order) -> str:
    return text(client.get(f"/purchases/{order.public_id}"))


def held_back(client, order) -> str:
    """Return what the page of the purchase and the page of its cards say where the card is to be removed."""
    card = find_deposit(order.plan_id).authorization.payment_method
    return text(client.post(f"/payments/cards/{card.public_id}", {"remove": "1"}, follow=True))


def test_it_is_held_then_taken_before_the_hold_lapses_and_goes_back(client, sign_in, order, merchant, moment, letters):
    sign_in(client, order.consumer)
    page = page_of(client, order)
    assert re.search(r"Deposit: Held on Visa .{0,8}4242\. It is taken when Nordlys Lamps ships, by .+ at the latest, and goes back", page)
    assert "Deposit, within 6 days" in page
    later = moment + timedelta(days=6)
    timers.run_until_quiet(at=later)
    assert re.search(r"Deposit: Taken from Visa .{0,8}4242 on .+\. What Nordlys Lamps does not ship", page_of(client, order))
    checkouts.void_order(order_id=order.id, merchant=merchant, actor="test", at=later)
    assert re.search(r"\$120\.00 of it went back to Visa", page_of(client, order))
    subjects = {letter.splitlines()[0] for letter in letters(order.consumer.email, later + timedelta(hours=12))}
    assert subjects >= {
        "Nordlys Lamps: we took your deposit of $120.00",
        "$600.00 at Nordlys Lamps: the shop canceled your order",
        "Nordlys Lamps: $120.00 of your deposit goes back to you",
    }


def test_what_was_not_paid_is_paid_with_another_card_and_the_shop_can_ship(
    client, sign_in, order, owner, merchant, moment, letters, declines
):
    declines("insufficient_funds")
    sign_in(client, order.consumer)
    path = f"/merchant/orders/{order.public_id}"
    form = owner.get(f"{path}/capture")
    once = re.search(r'name="once" value="([^"]+)"', form.content.decode())[1]
    refused = text(owner.post(f"{path}/capture", {"amount": "600.00", "once": once}, follow=True))
    assert "The deposit of this order is not paid. Nothing was captured." in refused
    page = owner.get(path)
    shop = text(page)
    assert "The deposit of this order is not paid. Do not ship anything yet." in shop
    assert "You can capture once your customer has paid the deposit." in shop
    assert (_capture_button(page), f'href="{path}/capture"' in page.content.decode()) == (["disabled"], False)
    assert "Deposit $120.00: Not paid yet." in shop
    page = page_of(client, order)
    assert "Your deposit is not paid." in page
    assert "Nordlys Lamps cannot ship before it is paid. We try again on" in page
    assert "We could not take your deposit for Nordlys Lamps." in text(client.get("/home"))
    assert "Deposit not paid" in text(client.get("/purchases"))
    told = letters(order.consumer.email, moment + timedelta(hours=12))
    (letter,) = [one for one in told if one.startswith("Nordlys Lamps: your deposit of $120.00 was not paid")]
    assert "Nordlys Lamps cannot ship before your deposit of $120.00 is paid." in letter
    declines("")
    other = shopper.card_of(order.consumer, "5555555555554444", moment)
    pay = f"/purchases/{order.public_id}/deposit"
    form = client.get(pay)
    assert "ships once your deposit of $120.00 is paid." in text(form)
    once = re.search(r'name="once" value="([^"]+)"', form.content.decode())[1]
    for _ in range(2):
        done = client.post(pay, {"card": other.public_id, "once": once}, follow=True)
    assert "Your deposit is paid, and Nordlys Lamps can ship." in text(done)
    assert client.get(pay)["Location"] == f"/purchases/{order.public_id}"
    page = owner.get(path)
    assert "Deposit $120.00: Paid. You can capture." in text(page)
    assert (_capture_button(page), f'href="{path}/capture"' in page.content.decode()) == ([], True)
    assert "Deposit not paid" not in text(client.get("/home"))
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
    assert re.search(r"Deposit: Taken from Mastercard .{0,8}4444 on", page_of(client, order))


def _capture_button(page) -> list[str]:
    """Return how the buttons of a shop's order that capture nothing are marked."""
    return re.findall(r'<button class="btn" type="button" (\w+)[^>]*aria-describedby="no-capture"[^>]*>Capture<', page.content.decode())


def test_letters_of_the_order_and_of_each_shipment_say_when_the_deposit_is_taken(order, merchant, moment, letters):
    for minor in (100, 9_900):
        checkouts.take_deposit(order_id=order.id, merchant=merchant, amount_minor=minor, at=moment)
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=minor, actor="test", at=moment)
    checkouts.release_order(order_id=order.id, merchant=merchant, actor="test", at=moment)
    told = letters(order.consumer.email, moment + timedelta(hours=12))
    found = {letter.splitlines()[0]: " ".join(letter.split()) for letter in told}
    agreed = found["$600.00 at Nordlys Lamps: your 7 payments, the deposit first"]
    assert "Deposit, within 6 days" in agreed
    assert "The deposit goes back if Nordlys Lamps does not ship." in agreed
    parts = [" ".join(one.split()) for one in told if one.startswith("Nordlys Lamps shipped a part of your order: its deposit is paid")]
    assert [re.search(r"Your deposit of (\S+) for it is paid\.", one)[1] for one in parts] == ["$0.20", "$19.80"]
    assert all("Deposit, paid" in one for one in parts)
    assert "Nordlys Lamps: we took your deposit of $120.00" in found
    assert "What your deposit paid of it goes back to you." in found["Nordlys Lamps does not ship $500.00 of your order"]
    assert "Nordlys Lamps: $100.00 of your deposit goes back to you" in found
    assert not any("taken now" in letter or "too small" in letter for letter in told)


def test_nobody_else_pays_or_sees_it(client, sign_in, order, bought, declines, email):
    stranger = bought(10_000, send=False, email=email("+approve")).consumer
    sign_in(client, stranger)
    assert client.get(f"/purchases/{order.public_id}/deposit").status_code == 404
    assert client.post(f"/purchases/{order.public_id}/deposit", {"card": "pm_x"}).status_code == 404


def test_the_card_that_holds_it_is_not_removed(client, sign_in, order, moment):
    sign_in(client, order.consumer)
    plans.change_method(plan=order.plan, method=shopper.card_of(order.consumer, "5555555555554444", moment), at=moment)
    assert "This card holds the deposit of a purchase." in held_back(client, order)
    assert find_deposit(order.plan_id).authorization.payment_method.removed_at is None


def test_operators_read_its_state_on_the_page_of_the_plan(client, order, merchant, moment):
    client.force_login(make_operator("desk@kvart.example", may=("view_plan", "view_person", "view_order", "view_charge")))
    path = reverse("admin:plans_plan_change", args=[order.plan_id])
    assert "Held on the card" in text(client.get(path))
    checkouts.take_deposit(order_id=order.id, merchant=merchant, amount_minor=15_000, at=moment)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=15_000, actor="test", at=moment)
    page = text(client.get(path))
    assert "Used by captures $30.00" in page
