"""A promise to pay what is late: made by the person on the page of the purchase, noted by an operator, told by letter."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from collection.models import Promise
from collection.services import close_days, mark_overdue
from core import clock, relay
from core.once import new_key
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from plans.models import Plan
from portals.consumer import frame
from tests.operators import make_operator
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late(bought, client, sign_in, monkeypatch):
    """A signed-in person's purchase, of which the first payment is late for two days; and the page of a promise."""
    order = bought(22_900)
    now = clock.now() + timedelta(days=2)
    close_days(at=clock.now())
    for place in (clock, frame):
        monkeypatch.setattr(place, "now", lambda: now)
    mark_overdue(at=now)
    sign_in(client, order.consumer)
    return order, f"/purchases/{order.public_id}/promise", now


def letters(kind):
    relay.drain()
    found = list(Message.objects.filter(kind=kind, channel="email"))
    return [compose_letter(one, load_named([one])) for one in found]


def test_a_person_promises_some_of_what_is_late(late, client):
    order, path, now = late
    page = client.get(f"/purchases/{order.public_id}").content.decode()
    assert path in page
    assert "2 days late" in text(client.get(f"/purchases/{order.public_id}"))
    page = client.get(path).content.decode()
    day = re.findall(r'<option value="(\d{4}-\d\d-\d\d)"', page)[2]
    sent = {"amount": "40.00", "day": day, "once": new_key()}
    done = text(client.post(path, sent, follow=True))
    assert "You promised to pay $40.00 by" in done
    client.post(path, sent, follow=True)
    made = Promise.objects.get()
    assert (made.amount_minor, made.late_minor, made.pay_on.isoformat()) == (4_000, 5_725, day)
    assert "There is a promise for this purchase already." in text(client.get(path))
    letter = letters("promise_made")[0]
    assert "you pay $40.00 by" in letter.subject
    assert "we take nothing late of it by ourselves" in letter.text
    close_days(at=now + timedelta(days=5))
    told = letters("promise_broken")[0]
    assert Message.objects.get(kind="promise_broken", channel="email").context["numbers"] == [1]
    assert "$40.00 did not come" in told.subject
    assert "and it was not paid" in told.text
    assert "Not kept" in text(client.get(path))


def test_an_amount_that_is_too_large_is_refused_in_the_form(late, client):
    _order, path, _now = late
    day = re.findall(r'<option value="(\d{4}-\d\d-\d\d)"', client.get(path).content.decode())[0]
    assert "Promise at most what is late: $57.25." in text(client.post(path, {"amount": "60", "day": day, "once": new_key()}, follow=True))
    assert "Select a valid choice" in text(client.post(path, {"amount": "10", "day": "2020-01-01", "once": new_key()}, follow=True))
    assert not Promise.objects.exists()


def test_nobody_promises_for_somebody_else(late, client, bought, sign_in):
    order, path, _now = late
    other = bought(10_000, email="berta+approve@people.example")
    sign_in(client, other.consumer)
    assert client.get(path).status_code == 404
    assert client.post(path, {"amount": "10", "day": "2026-11-30", "once": new_key()}).status_code == 404
    assert not Promise.objects.exists()
    assert order.consumer_id != other.consumer_id


def test_an_operator_notes_a_promise_for_the_person(late, client):
    order, _path, now = late
    back = "django.contrib.auth.backends.ModelBackend"
    rights = ["view_plan", "view_person", "view_consumer"]
    client.force_login(make_operator("clerk@kvart.example", may=rights), backend=back)
    address, page = reverse("admin:plans_plan_promise", args=[order.plan_id]), reverse("admin:plans_plan_change", args=[order.plan_id])
    sent = {"amount": "57.25", "day": (now + timedelta(days=4)).date().isoformat(), "once": new_key()}
    assert client.post(address, sent).status_code == 403
    assert "Note the promise" not in client.get(page).content.decode()
    client.force_login(make_operator("olga@kvart.example", name="Olga Operator", may=[*rights, "note_promise"]), backend=back)
    assert "Note the promise" in client.get(page).content.decode()
    assert "Enter" in client.post(address, sent | {"amount": "x"}).content.decode()
    done = unescape(re.sub(r"<[^>]+>", " ", client.post(address, sent, follow=True).content.decode()))
    assert "Noted. The person is told." in done
    assert "Olga Operator" in done
    assert "There is a promise for this purchase already." in done
    assert Promise.objects.get().plan == Plan.objects.get(id=order.plan_id)
    assert len(letters("promise_made")) == 1
