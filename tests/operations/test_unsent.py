"""Messages that could not be sent are counted, listed with the reason, and leave the list when they are sent again."""

from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Look
from core.clock import now
from notifications.models import Message
from notifications.services import queue_for_consumer
from operations.unsent import why_unsent
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
REFUSED = "SMTPRecipientsRefused({'[removed]': (550, b'no such user')})"


@pytest.fixture
def order(buy, merchant):
    """An order of somebody who is reached by e-mail."""
    return buy(merchant, 22_900)


@pytest.fixture
def olga(client):
    """A browser of an operator who sees people and sends messages again."""
    client.force_login(make_operator("olga@kvart.example", may=["view_person", "view_consumer", "resend_message"]))
    return client


def fail(order, number=1) -> Message:
    """Queue a message about an order and let it fail."""
    queue_for_consumer(
        consumer=order.consumer,
        kind="order_canceled",
        subject=f"unsent {number}",
        context={"order": order.public_id, "merchant": order.merchant.public_id},
        at=now(),
    )
    message = Message.objects.filter(channel="email", status="queued").latest("id")
    Message.objects.filter(pk=message.pk).update(status="failed", tries=6, error=REFUSED)
    return message


def test_what_could_not_be_sent_is_listed_with_its_reason_until_it_is_sent_again(olga, order):
    listed = reverse("admin:notifications_unsent")
    assert "Every message was sent." in olga.get(listed).content.decode()
    message = fail(order)
    assert f'<a class="desk-pill desk-waiting" href="{listed}">1</a>' in olga.get("/admin/").content.decode()
    page = unescape(olga.get(listed).content.decode())
    for text in ("The mail server refuses the address.", "canceled your order", order.consumer.public_id):
        assert text in page
    assert Look.objects.filter(consumer=order.consumer, page="work_list").count() == 1
    german = olga.get(listed, headers={"accept-language": "de"}).content.decode()
    assert "Der Mailserver nimmt die Adresse nicht an." in german
    timeline = unescape(olga.get(reverse("admin:accounts_consumer_change", args=[order.consumer_id])).content.decode())
    assert "Failed: The mail server refuses the address." in timeline
    assert REFUSED not in timeline
    olga.post(reverse("admin:accounts_consumer_message", args=[order.consumer_id, message.pk]), {"once": "key-1"})
    assert "Every message was sent." in olga.get(listed).content.decode()


def test_the_list_costs_the_same_for_any_number(olga, order):
    counts = []
    for number in (1, 2, 3, 4, 5):
        fail(order, number)
        with CaptureQueriesContext(connection) as asked:
            assert olga.get(reverse("admin:notifications_unsent")).status_code == 200
        counts.append(len(asked))
    assert counts[1] == counts[-1]


def test_who_may_not_send_again_sees_no_list(client):
    for number, rights in enumerate((["view_person"], ["resend_message"])):
        client.force_login(make_operator(f"ida{number}@kvart.example", may=rights))
        assert client.get(reverse("admin:notifications_unsent")).status_code == 403


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("no phone number", "There is no address or number to send it to."),
        ("no e-mail address that mail can be sent to", "There is no address or number to send it to."),
        ("21211: The number is not valid", "The provider refuses the number."),
        ("TimeoutError('timed out')", "A server or provider did not answer in time."),
        ("cannot be written: KeyError('x')", "The program failed on it: who looks after the program has to read the details."),
    ],
)
def test_each_reason_is_said_in_words(error, text):
    assert why_unsent(error) == text
