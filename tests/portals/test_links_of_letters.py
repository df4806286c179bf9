"""Links of letters about late payments: they pay without signing in, stop messages, have one purpose each, and end."""

from datetime import timedelta

import pytest
from django.core import signing

from collection.contacting import list_stops
from collection.links import pay_path, stop_path
from collection.models import Promise
from collection.services import close_days, mark_overdue
from core import clock, relay
from core.once import new_key
from notifications.letters import compose_briefs, compose_letter
from notifications.models import Message
from notifications.queries import load_named
from payments.models import Charge
from plans.models import Installment, Plan
from portals.consumer import frame
from portals.consumer.account import contact
from portals.consumer.paying import by_link, promise_by_link
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late(bought, monkeypatch):
    """A purchase of which the first payment, 57.25, is late for two days; nobody is signed in."""
    order = bought(22_900)
    now = clock.now() + timedelta(days=2)
    close_days(at=clock.now())
    for place in (clock, frame, by_link, contact):
        monkeypatch.setattr(place, "now", lambda: now)
    mark_overdue(at=now)
    return order, now


def letter(kind):
    relay.drain()
    found = Message.objects.get(kind=kind, channel="email")
    return compose_letter(found, load_named([found])).text


def test_the_link_of_a_letter_pays_what_is_late_once_without_signing_in(late, client):
    order, now = late
    path = pay_path(order.plan.public_id, now)
    assert path.partition("/now/")[0] in letter("payment_late")
    page = client.get(path)
    assert "$57.25 is late. It is charged to" in text(page)
    sent = {"seen": "5725", "once": new_key()}
    done = client.post(path, sent, follow=True)
    assert "$57.25 is paid. Thank you." in text(done)
    client.post(path, sent)
    assert Charge.objects.filter(reference=order.plan.public_id, status="succeeded").count() == 1
    assert Installment.objects.get(plan=order.plan_id, number=1).status == "paid"
    assert "Nothing of this purchase is late now." in text(client.get(path))


def test_the_link_of_a_letter_promises_a_day_once_without_signing_in(late, client, monkeypatch):
    order, now = late
    monkeypatch.setattr(promise_by_link, "now", lambda: now)
    path = pay_path(order.plan.public_id, now)
    there = f"{path}/promise"
    assert f'href="{there}"' in client.get(path).content.decode()
    refused = client.post(there, {"amount": "57.26", "day": (now + timedelta(days=3)).date().isoformat(), "once": new_key()}, follow=True)
    assert "Promise at most what is late: $57.25." in text(refused)
    sent = {"amount": "57.25", "day": (now + timedelta(days=3)).date().isoformat(), "once": new_key()}
    for _ in range(2):
        assert "You promised $57.25 for" in text(client.post(there, sent, follow=True))
    assert Promise.objects.get().made_by == order.consumer.public_id
    assert f'href="{there}"' not in client.get(path).content.decode()
    assert "$57.25 is late. It is charged to" in text(client.get(path))
    assert client.get(f"/pay/now/{stop_path(order.consumer.public_id, 'email', now).rpartition('/')[2]}/promise").status_code == 404


def test_another_amount_than_the_page_showed_is_not_charged(late, client):
    order, now = late
    answer = client.post(pay_path(order.plan.public_id, now), {"seen": "1", "once": new_key()}, follow=True)
    assert "Nothing was charged." in text(answer)
    assert not Charge.objects.filter(reference=order.plan.public_id).exists()


def test_who_is_signed_in_is_led_to_their_own_page_of_paying(late, client, sign_in):
    order, now = late
    sign_in(client, order.consumer)
    assert client.get(pay_path(order.plan.public_id, now)).url == f"/purchases/{order.public_id}/pay"


def test_a_link_has_one_purpose_and_a_last_day(late, client, monkeypatch):
    order, now = late
    pay, stop = pay_path(order.plan.public_id, now), stop_path(order.consumer.public_id, "email", now)
    forged = signing.dumps({"plan": order.plan.public_id, "until": "2099-01-01"}, salt="other")
    crossed = f"/pay/now/{stop.rpartition('/')[2]}", f"/contact/{pay.rpartition('/')[2]}", f"/pay/now/{forged}", "/pay/now/x"
    assert [client.get(path).status_code for path in crossed] == [404] * 4
    assert [client.get(path).status_code for path in (pay, stop)] == [200, 200]
    for place in (by_link, contact):
        monkeypatch.setattr(place, "now", lambda: now + timedelta(days=31))
    assert [client.get(path).status_code for path in (pay, stop)] == [404, 404]


def test_a_person_stops_mails_by_the_link_of_a_letter_and_allows_them_again_on_their_page(late, client, sign_in):
    order, now = late
    path = stop_path(order.consumer.public_id, "email", now)
    assert "/contact/" in letter("payment_late")
    assert "No more e-mails that ask you to pay?" in text(client.get(path))
    assert list_stops(order.consumer_id) == {}
    assert "We send you no more e-mails" in text(client.post(path, follow=True))
    assert set(list_stops(order.consumer_id)) == {"email"}
    sign_in(client, order.consumer)
    assert 'value="email">' in client.get("/profile/contact").content.decode()
    client.post("/profile/contact", {"channel": ["email", "sms"]})
    assert set(list_stops(order.consumer_id)) == {"call"}
    assert list_stops(order.consumer_id)["call"].stopped_by == order.consumer.public_id


def test_the_page_of_a_link_says_what_is_true_of_what_is_stopped_or_on_its_way(late, client):
    order, now = late
    path = pay_path(order.plan.public_id, now)
    Plan.objects.filter(pk=order.plan_id).update(stopped_at=now)
    assert "This purchase cannot be paid by this link now. Sign in to see why." in text(client.get(path))
    Plan.objects.filter(pk=order.plan_id).update(stopped_at=None)
    Installment.objects.filter(plan=order.plan_id, number=1).update(charge_id=order.pk, next_attempt_at=None)
    page = text(client.get(path))
    assert "Your payment is on its way." in page
    assert "$57.25 is late." not in page


def test_the_inbox_leads_to_the_page_of_paying_however_old_a_message_is(late):
    order, _now = late
    relay.drain()
    (brief,) = compose_briefs(list(Message.objects.filter(kind="payment_late", channel="inbox")))
    assert brief.url.endswith(f"/purchases/{order.public_id}/pay")
