"""What a person tells of their situation, on their own page and in the back office."""

import pytest
from django.urls import reverse

from accounts.models import SupportFlag
from tests.operators import make_operator
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_person_tells_and_takes_back_and_an_operator_notes(bought, client, sign_in):
    order = bought(22_900)
    sign_in(client, order.consumer)
    assert "/profile/situation" in client.get("/profile").content.decode()
    refused = text(client.post("/profile/situation", {"driver": "health", "needs": ["no_phone"], "note": "tired"}, follow=True))
    assert "We keep nothing without it." in refused
    told = {"driver": "health", "needs": ["no_phone"], "note": "tired", "consents": "on"}
    assert "No calls" in text(client.post("/profile/situation", told, follow=True))
    flag = SupportFlag.objects.get()
    assert "It is deleted." in text(client.post("/profile/situation", {"flag": str(flag.pk)}, follow=True))
    assert not SupportFlag.objects.exists()
    client.logout()
    client.force_login(
        make_operator("rita@kvart.example", may=["view_person", "view_consumer", "note_support", "propose_refund", "view_disasterarea"])
    )
    page = reverse("admin:accounts_consumer_support", args=[order.consumer.pk])
    assert "What the person needs" in text(client.get(page))
    client.post(page, told | {"review_on": "2027-03-01", "once": "one"})
    assert SupportFlag.objects.count() == 1
    assert "No calls" in text(client.get(reverse("admin:accounts_consumer_change", args=[order.consumer.pk])))
    assert "Beginnings and ranges" in text(client.get(reverse("admin:plans_disasterarea_new")))
    assert client.get(reverse("admin:plans_disasterarea_changelist")).status_code == 200
