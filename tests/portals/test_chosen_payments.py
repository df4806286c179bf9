"""Payments that a person ticks one by one."""

import pytest

from payments.models import Charge
from plans.models import Installment
from tests.portals.reading import asked_again, hidden
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)


def test_payments_are_chosen_one_by_one_and_paid_at_the_price_that_was_shown(client, sign_in, bought):
    order = bought(22_900, product="monthly_6")
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/pay"
    assert "The payments that you chose" not in text(client.get(path + "?pick=9&pick=x"))
    page = client.get(path + "?pick=3&pick=5")
    assert "The payments that you chose" in text(page)
    numbers, seen = hidden(page)["seen_some"].split(":")
    assert numbers == "3.5"
    sent = hidden(page) | {"scope": "some", "card": order.plan.payment_method.public_id}
    refused = asked_again(client.post(path, sent | {"seen_some": "3.5:1"}))
    assert "What is to be paid changed since you looked." in text(refused)
    assert hidden(refused)["seen_some"] == f"3.5:{seen}"
    client.post(path, sent)
    assert Charge.objects.get().amount_minor == int(seen)
    assert list(Installment.objects.filter(plan=order.plan, status="paid").order_by("number").values_list("number", flat=True)) == [3, 5]
