"""Any amount, as the person sees it: what it would pay, what it paid, and what went back."""

import re

import pytest
from django.urls import reverse

from payments.models import Charge
from plans.models import Installment
from tests.api.counting import count_but_the_clock
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())[1]


def agree(client, page, **changed):
    given = {name: hidden(page, name) for name in ("once", "seen", "amount", "currency", "purchase")}
    card = re.search(r'name="card" value="([^"]+)" checked', page.content.decode())[1]
    return client.post("/pay", {**given, "card": card, **changed}, follow=True)


def test_an_amount_is_shown_before_it_is_paid_and_pays_exactly_that(client, sign_in, bought):
    order = bought(8_000, charge=True)
    sign_in(client, order.consumer)
    assert f"/pay?purchase={order.public_id}" in client.get(f"/purchases/{order.public_id}/pay").content.decode()
    page = client.get(f"/pay?purchase={order.public_id}&amount=25.00")
    shown = text(page)
    assert "What it pays" in shown
    assert "2 of 4, due" in shown
    assert "$5.00" in shown
    assert "$15.00 left" in shown
    assert "Left to pay after that $35.00" in shown
    assert Charge.objects.count() == 1
    done = agree(client, page)
    assert "$35.00 is left" in text(done)
    assert agree(client, page).redirect_chain[-1][0] == done.redirect_chain[-1][0]
    assert list(Installment.objects.order_by("number").values_list("paid_principal_minor", flat=True)) == [2_000, 2_000, 500, 0]


def test_what_is_more_than_owed_is_not_charged(client, sign_in, bought):
    order = bought(8_000, charge=True)
    sign_in(client, order.consumer)
    page = client.get("/pay?amount=100")
    assert "This is more than you owe. Only what you owe is charged." in text(page)
    assert "Pay $60.00" in text(page)
    little = text(client.get("/pay?amount=59.60"))
    assert "$0.40 would be left, which is too little to charge a card. Pay less, or everything." in little
    assert "Pay $59.60" not in little
    assert "Your purchase at Nordlys Lamps is paid in full." in text(agree(client, page))


def test_over_two_purchases_each_has_its_charge(client, sign_in, bought):
    first = bought(8_000, charge=True, email="both+approve@people.example")
    bought(4_000, charge=True, email="both+approve@people.example")
    sign_in(client, first.consumer)
    assert reverse("pay_amount") in client.get("/purchases").content.decode()
    page = client.get("/pay?amount=30")
    assert "Your bank shows one charge for each purchase: Nordlys Lamps $20.00, Nordlys Lamps $10.00." in text(page)
    done = text(agree(client, page))
    assert "One charge for each purchase" in done
    assert "Paid $30.00" in done
    assert Charge.objects.count() == 4


def test_a_page_that_is_out_of_date_charges_nothing(client, sign_in, bought):
    order = bought(8_000, charge=True)
    sign_in(client, order.consumer)
    page = client.get("/pay?amount=25")
    agree(client, client.get("/pay?amount=10"))
    assert "What is to be paid changed since you looked." in text(agree(client, page))
    assert "What is to be paid changed since you looked." in text(agree(client, client.get("/pay?amount=25"), amount="12"))
    assert Charge.objects.count() == 2


@pytest.mark.parametrize(
    ("amount", "told"), [("", "Enter an amount."), ("x", "Enter an amount, such as"), ("0.10", "cannot be charged less")]
)
def test_a_wrong_amount_is_told(client, sign_in, bought, amount, told):
    sign_in(client, bought(8_000, charge=True).consumer)
    page = client.get(f"/pay?amount={amount}")
    assert told in text(page)
    assert 'name="seen"' not in page.content.decode()


def test_other_people_s_purchases_and_payments_are_not_there(client, sign_in, bought):
    mine, other = bought(8_000), bought(4_000)
    charge = Charge.objects.filter(reference=other.plan.public_id).first()
    sign_in(client, mine.consumer)
    assert client.get(f"/pay?purchase={other.public_id}&amount=5").status_code == 404
    assert client.post("/pay", {"purchase": other.public_id, "amount": "5"}).status_code == 404
    assert client.get(f"/pay/{charge.public_id if charge else 'chg_x'}").status_code == 404


def test_the_number_of_queries_does_not_grow_with_purchases(client, sign_in, bought):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _turn in range(2):
        order = bought(8_000, charge=True, email="many+approve@people.example")
        bought(8_000, charge=True, email="many+approve@people.example")
        sign_in(client, order.consumer)
        client.get("/pay?amount=100")
        with CaptureQueriesContext(connection) as found:
            client.get("/pay?amount=100")
        counts.append(count_but_the_clock(found))
    assert counts[0] == counts[1]
