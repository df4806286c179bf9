"""Bank accounts in the consumer portal: added where somebody debits them, chosen for a plan, and a payment that is on its way for days."""

from datetime import timedelta

import pytest
import requests
from django.urls import reverse

from collection import services as collection
from payments import services as payments
from payments.models import CardSetup, Charge, PaymentMethod
from payments.texts import failure_text
from plans import services as plans
from plans.models import Installment, Plan
from tests.operators import make_boss
from tests.portals.test_consumer_pages import hidden, text

pytestmark = pytest.mark.django_db
PAGE = {"number": "000123456789", "sort": "110000000", "agree": "yes"}


@pytest.fixture
def account(bought, moment):
    """A bank account of somebody whose first payment was taken from a card; gives the order and the account."""
    order = bought(charge=True)
    return order, payments.add_account(consumer=order.consumer, number=PAGE["number"], currency="USD", at=moment)


def test_an_account_is_added_on_the_gateways_page_and_found_under_payments(client, sign_in, bought):
    order = bought()
    sign_in(client, order.consumer)
    assert "Add a bank account" in text(client.get("/payments"))
    there = client.post("/payments/accounts", {"next": "/payments"})["Location"]
    assert "/gateway/accounts/" in there
    back = requests.post(there, data=PAGE, allow_redirects=False, timeout=10).headers["Location"]
    answer = client.get(back[back.index("/payments") :], follow=True)
    method = PaymentMethod.objects.get(kind="bank_debit")
    assert "Test Bank ···· 6789 is saved. You can pay with it, and choose it for your plans." in text(answer)
    page = text(client.get("/payments"))
    assert f"Debited from your account, mandate {method.shown['mandate']}" in page
    assert page.count("Used first") == 1
    assert CardSetup.objects.get(kind="bank_debit").payment_method == method


def test_who_leaves_the_page_is_told_that_nothing_was_saved(client, sign_in, bought):
    order = bought()
    sign_in(client, order.consumer)
    there = client.post("/payments/accounts", {"next": "/payments"})["Location"]
    back = requests.post(f"{there}/cancel", allow_redirects=False, timeout=10).headers["Location"]
    answer = client.get(back[back.index("/payments") :], follow=True)
    assert "No bank account was saved, and nothing was taken." in text(answer)
    assert not PaymentMethod.objects.filter(kind="bank_debit").exists()


def test_nobody_is_offered_an_account_where_nobody_debits_them(client, sign_in, bought, settings):
    order = bought()
    sign_in(client, order.consumer)
    settings.PULLS = ""
    assert "Add a bank account" not in text(client.get("/payments"))
    answer = client.post("/payments/accounts", {"next": "/payments"}, follow=True)
    assert "Nobody is asked for pulls here." in text(answer)
    assert not CardSetup.objects.filter(kind="bank_debit").exists()


def test_another_ones_visit_saves_nothing_here(client, sign_in, bought):
    order, other = bought(), bought()
    sign_in(client, order.consumer)
    there = client.post("/payments/accounts", {"next": "/payments"})["Location"]
    back = requests.post(there, data=PAGE, allow_redirects=False, timeout=10).headers["Location"]
    sign_in(client, other.consumer)
    client.get(back[back.index("/payments") :], follow=True)
    assert not PaymentMethod.objects.filter(kind="bank_debit").exists()


def test_a_payment_by_account_is_on_its_way_on_every_page(client, sign_in, account):
    order, method = account
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    answer = client.post(path, hidden(client.get(path)) | {"scope": "next", "card": method.public_id})
    charge = Charge.objects.order_by("id").last()
    assert (answer["Location"], charge.status) == (f"/purchases/{order.public_id}/payments/{charge.public_id}", "under_way")
    result = client.get(answer["Location"])
    assert "Your payment is on its way" in text(result)
    assert "Your bank needs a few days for it." in text(result)
    assert "Refresh" not in result.headers
    assert "A payment is on its way" in text(client.get(f"/purchases/{order.public_id}"))
    assert "a payment is on its way" in text(client.get("/home"))
    wallet = text(client.get("/payments"))
    assert wallet.count("On its way") == 2
    assert client.get(path)["Location"] == answer["Location"]


def test_what_is_on_its_way_past_its_date_is_not_late(client, sign_in, account, moment):
    order, method = account
    plans.change_method(plan=Plan.objects.get(id=order.plan_id), method=method, at=moment)
    assert collection.run_due(at=moment + timedelta(days=15)) == 1
    row = Installment.objects.get(plan=order.plan_id, number=2)
    assert (row.is_late(row.due_date + timedelta(days=3)), row.status) == (False, "scheduled")
    Installment.objects.filter(id=row.id).update(charge_id=None)
    row.refresh_from_db()
    assert row.is_late(row.due_date + timedelta(days=3)) is True


def test_an_account_is_never_first_for_new_purchases(client, sign_in, account):
    order, method = account
    sign_in(client, order.consumer)
    answer = client.post(f"/payments/cards/{method.public_id}", {"first": "1"}, follow=True)
    assert "New purchases begin with a card" in text(answer)
    method.refresh_from_db()
    assert method.position == 1


def test_a_plan_is_paid_by_account_from_the_first_shipment_on(client, sign_in, bought, moment):
    order = bought(send=False)
    method = payments.add_account(consumer=order.consumer, number=PAGE["number"], currency="USD", at=moment)
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/card"
    page = client.get(path)
    assert "Test Bank" not in text(page)
    assert "Add a bank account" not in text(page)
    client.post(path, {"card": method.public_id})
    assert Plan.objects.get(id=order.plan_id).payment_method != method


def test_a_plan_under_way_takes_an_account(client, sign_in, account):
    order, method = account
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/card"
    assert "Test Bank ···· 6789" in text(client.get(path))
    answer = client.post(path, {"card": method.public_id}, follow=True)
    assert "From now on this plan is paid with Test Bank ···· 6789." in text(answer)
    assert Plan.objects.get(id=order.plan_id).payment_method == method


def test_an_operator_reads_that_a_payment_is_on_its_way(client, account, moment):
    order, method = account
    plan = Plan.objects.get(id=order.plan_id)
    collection.pay_now(consumer=order.consumer, plan=plan, scope="next", method=method, actor="person", at=moment)
    client.force_login(make_boss())
    page = text(client.get(reverse("admin:plans_plan_change", args=[plan.pk])))
    assert page.count("A payment is on its way") == 1
    assert "Under way" in text(client.get(reverse("admin:payments_charge_changelist")))


def test_why_a_debit_failed_is_told_in_words_of_accounts():
    assert failure_text("insufficient_funds", "bank_debit") == "There was not enough money in the account."
    assert failure_text("some_new_code", "bank_debit") == "The bank refused the debit."
    assert failure_text("insufficient_funds") == "There was not enough money on the card."


def test_the_plan_tells_of_an_account_what_its_bank_refused(client, sign_in, bought, moment):
    order = bought(charge=True)
    method = payments.add_account(consumer=order.consumer, number="000222222227", currency="USD", at=moment)
    plan = Plan.objects.get(id=order.plan_id)
    collection.pay_now(consumer=order.consumer, plan=plan, scope="next", method=method, actor="person", at=moment)
    plans.change_method(plan=plan, method=method, at=moment)
    Charge.objects.filter(payment_method=method).update(status="failed", failure="insufficient_funds")
    Installment.objects.filter(plan=plan, number=2).update(charge_id=None, last_failure="insufficient_funds")
    sign_in(client, order.consumer)
    page = text(client.get(f"/purchases/{order.public_id}"))
    assert "There was not enough money in the account." in page
    assert "on the card" not in page
    assert "Paid with Test Bank ···· 2227" in page
