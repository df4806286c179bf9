"""Money that did not reach a card, as its person and as operators see it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from checkout import services as checkouts
from core.clock import local_date
from core.formats import day_text
from payments import services as payments
from payments.models import Break, Charge, Refund, Transfer
from plans.models import Installment
from tests.collection.test_payments_taken_back import fail, hear_of
from tests.operators import make_boss, make_operator
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def refund(bought, settings, moment):
    """A refund that came back from its card's bank."""
    order = bought(charge=True)
    checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=18_175, reason="", actor="test", at=moment)
    payments.send_refunds(at=moment)
    made = Refund.objects.get()
    fail(made, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(made, moment, about="refund")
    return order, made


def key_on(page):
    return page.split('name="once" value="')[1].split('"')[0]


def test_the_person_is_asked_and_names_an_account(refund, client, sign_in):
    order, owed = refund
    sign_in(client, order.consumer)
    path = reverse("purchase_refund", args=[order.public_id, owed.public_id])
    assert path in client.get(reverse("purchase", args=[order.public_id])).content.decode()
    bought = client.get(reverse("purchase", args=[order.public_id])).content.decode()
    assert "$10.00 is given back to you" in bought
    assert "Kept for you" in bought
    assert "went back to it" not in bought
    page = client.get(path).content.decode()
    assert "Where shall $10.00 go?" in page
    wrong = client.post(path, {"once": key_on(page), "way": "account", "holder": "Ann", "account": "none"}, follow=True)
    assert "enter the number of a bank account" in wrong.content.decode()
    assert not Transfer.objects.exists()
    given = {"once": key_on(client.get(path).content.decode()), "way": "account", "holder": "Ann", "account": "DK5000400440116243"}
    for _ in range(2):
        done = client.post(path, given, follow=True).content.decode()
    assert "A person pays it to the bank account that you named" in done
    assert Transfer.objects.get().account == "DK5000400440116243"


def test_the_person_chooses_another_card(refund, client, sign_in, moment):
    order, owed = refund
    other = payments.add_card(consumer=order.consumer, number="5555555555554444", at=moment)
    sign_in(client, order.consumer)
    path = reverse("purchase_refund", args=[order.public_id, owed.public_id])
    page = client.get(path).content.decode()
    assert other.public_id in page
    assert owed.charge.payment_method.public_id not in page
    client.post(path, {"once": key_on(page), "way": "card", "card": other.public_id})
    again = Refund.objects.get(replaces=owed)
    assert (again.payment_method, again.amount_minor) == (other, 1_000)
    assert client.get(path).status_code == 404


def test_the_person_reads_that_a_payment_was_taken_back(bought, client, sign_in, settings, moment):
    order = bought(charge=True)
    charge = Charge.objects.get()
    paid = day_text(local_date(charge.settled_at, order.plan.time_zone), "en-US")
    fail(charge, settings)
    hear_of(charge, moment + timedelta(days=3))
    sign_in(client, order.consumer)
    page = client.get(reverse("purchase", args=[order.public_id])).content.decode()
    assert f"Paid {paid} · Visa ···· 4242 · your bank took $57.25 back" in " ".join(page.split())
    assert "We try again on" in page
    assert "$57.25 went back to you, and is owed again." in page
    assert "Nothing was charged" not in page
    client.force_login(make_boss())
    told = client.get(reverse("admin:payments_charge_change", args=[charge.id])).content.decode()
    assert "Taken back by the bank: $57.25" in told
    assert "Fee of the gateway: $5.00" in told


def test_a_payment_that_the_bank_took_back_after_its_date_is_owed_again_and_was_never_late(bought, client, sign_in, settings, moment):
    order, back = bought(charge=True), moment + timedelta(days=3)
    charge, zone = Charge.objects.get(), order.plan.time_zone
    since = day_text(local_date(back, zone), "en-US", "short")
    fail(charge, settings)
    hear_of(charge, back)
    sign_in(client, order.consumer)
    home, bought_list, wallet, pay = (
        text_of(client.get(path)) for path in ("/home", "/purchases", "/payments", reverse("purchase_pay", args=[order.public_id]))
    )
    assert f"Owed again since {day_text(local_date(back, zone), 'en-US', 'long')}" in home
    assert "you had paid it, and your bank took the payment back · next from Visa ···· 4242" in home
    assert '<span class="pill pill-bad">owed again</span>' in home
    assert all(f'<span class="pill pill-bad">Owed again since {since}</span>' in page for page in (home, bought_list))
    assert '<span class="pill pill-bad">Owed again</span>' in wallet
    assert "The payment that your bank took back" in pay
    assert [page for page in (home, bought_list, wallet, pay) if "Late" in page or "late payment" in page] == []
    for language, words in (("da", "Ubetalt igen siden"), ("sv", "Obetald igen sedan"), ("de", "Wieder offen seit")):
        assert text_of(client.get("/home", headers={"Accept-Language": language})).count(words) == 2
    Installment.objects.filter(plan=order.plan, number=2).update(due_date=local_date(moment, zone) - timedelta(days=1), status="overdue")
    assert f"Late since {day_text(local_date(moment, zone) - timedelta(days=1), 'en-US', 'long')}" in text_of(client.get("/home"))


def test_nobody_else_sees_or_directs_it(refund, client, sign_in, bought):
    order, owed = refund
    sign_in(client, bought(merchant_reference="B-2").consumer)
    path = reverse("purchase_refund", args=[order.public_id, owed.public_id])
    assert client.get(path).status_code == 404
    assert client.post(path, {"once": "x" * 24, "way": "account", "holder": "Bo", "account": "DK123456"}).status_code == 404
    assert not Transfer.objects.exists()


def test_one_operator_pays_and_another_confirms(refund, client):
    _order, _owed = refund
    row = Break.objects.get()
    olivia, oscar = (make_boss(f"{name.lower()}@kvart.example", name=name) for name in ("Olivia", "Oscar"))
    step = lambda name: reverse("admin:payments_break_transfer", args=[row.id, name])  # noqa: E731
    client.force_login(make_operator("reader@kvart.example"))
    assert client.post(step("want"), {"holder": "Ann", "account": "DK123456"}).status_code == 403
    assert not Transfer.objects.exists()
    client.force_login(olivia)
    page = client.get(reverse("admin:payments_break_change", args=[row.id])).content.decode()
    assert "By bank transfer" in page
    assert reverse("admin:payments_break_close", args=[row.id]) not in page
    client.post(step("want"), {"holder": "Ann", "account": "DK123456"})
    client.post(step("send"), {"bank_reference": "B-77"})
    assert "Another operator looks at the bank" in client.get(reverse("admin:payments_break_change", args=[row.id])).content.decode()
    client.post(step("confirm"))
    assert Transfer.objects.get().status == "sent"
    client.force_login(oscar)
    client.post(step("confirm"))
    row.refresh_from_db()
    assert (Transfer.objects.get().status, row.status, row.closed_by) == ("confirmed", "closed", str(oscar.pk))
    page = client.get(reverse("admin:payments_break_change", args=[row.id])).content.decode()
    assert "It came back to our bank" in page
    client.force_login(make_operator("looker@kvart.example", may=["view_break", "view_order"]))
    assert client.post(step("return")).status_code == 403
    assert Transfer.objects.get().status == "confirmed"
    client.force_login(oscar)
    for _press in range(2):
        client.post(step("return"))
    assert (Transfer.objects.get().status, Break.objects.filter(status="open").count()) == ("rejected", 1)
    assert "It came back to our bank" not in client.get(reverse("admin:payments_break_change", args=[row.id])).content.decode()
