"""Sending: in batches, once, at a decent hour, again after a failure, never what is no longer true."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from importlib import import_module
from smtplib import SMTPRecipientsRefused

import pytest
import requests
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from checkout import services as checkouts
from core import clock, remote
from core.clock import wall
from core.db import execute
from notifications import services
from notifications.models import Message
from notifications.queries import claim_due
from notifications.telling import order_context
from plans.models import Installment
from tests.notifications.conftest import AT, send

NIGHT = AT + timedelta(hours=10)  # 22:00 + 5 in New York: three in the morning
ABOUT = {"order": "ord_x"}


def queue(consumer, kind="order_held", subject="x", at=AT, **context):
    """Queue a message about no order that there is."""
    services.queue_for_consumer(consumer=consumer, kind=kind, subject=f"{consumer.public_id}:{subject}", context=ABOUT | context, at=at)


@pytest.fixture
def one(person):
    return person()


@pytest.mark.django_db
def test_a_mail_arrives_in_the_mailbox_once(one, mailbox):
    queue(one)
    assert Message.objects.get(channel="inbox").status == "sent"
    assert send() == 1
    assert send() == 0
    (mail,) = mailbox(one.email)
    assert (mail["to"], mail["from"], mail["subject"]) == (one.email, "kvart <no-reply@kvart.example>", "at : we are looking at your order")
    message = Message.objects.get(channel="email")
    assert mail["headers"] == {"Message-ID": f"<{message.public_id}@kvart.example>"}
    assert "Nothing was charged" in mail["text"]
    assert mail["html"].startswith("<!DOCTYPE html>")
    assert (message.status, message.tries, message.sent_at, message.error) == ("sent", 1, AT, "")


@pytest.mark.django_db
def test_the_same_thing_is_said_once(one, mailbox):
    for _ in range(3):
        queue(one)
    assert Message.objects.count() == 2
    send()
    queue(one)
    assert send() == 0
    assert len(mailbox(one.email)) == 1


@pytest.mark.django_db
def test_a_receipt_of_a_due_run_waits_behind_what_somebody_has_just_done(one):
    queue(one, kind="payment_received", subject="first")
    queue(one, kind="order_held", subject="second")
    claims = [claim_due(at=AT, until=wall() + timedelta(minutes=1), limit=1) for _ in range(3)]
    assert [[message.kind for message in claim] for claim in claims] == [["order_held"], ["payment_received"], []]


@pytest.mark.django_db
def test_who_has_only_a_phone_gets_an_sms(person, phone):
    someone = person(email=False, phone=True)
    queue(someone)
    assert send() == 1
    (text,) = [item for item in phone(someone.phone) if item["text"].startswith("kvart: A person looks at your order")]
    assert text["text"].endswith("http://localhost:8000/purchases/ord_x")
    assert Message.objects.get(channel="sms").status == "sent"


@pytest.mark.django_db
def test_a_batch_of_mails_is_one_call(person, mailbox, monkeypatch):
    calls = []
    post = remote.Remote.post
    monkeypatch.setattr(remote.Remote, "post", lambda self, path, body, **more: calls.append(len(body)) or post(self, path, body, **more))
    for number in range(250):
        queue(person() if number < 2 else Message.objects.first().consumer, subject=str(number))
    assert send() == 250
    assert sorted(calls) == [50, 200]
    assert set(Message.objects.values_list("status", flat=True)) == {"sent"}


@pytest.mark.django_db
def test_a_reminder_waits_for_the_morning_at_their_place(person, mailbox):
    new_yorker, dane = person("US"), person("DK")
    for someone in (new_yorker, dane):
        queue(someone, kind="payment_received", at=NIGHT)
    morning = {m.consumer: m.not_before for m in Message.objects.filter(channel="email").select_related("consumer")}
    assert morning[new_yorker] == NIGHT + timedelta(hours=10)
    assert morning[dane] == NIGHT + timedelta(hours=4)
    assert send(NIGHT) == 0
    assert send(NIGHT + timedelta(hours=3, minutes=59)) == 0
    assert send(NIGHT + timedelta(hours=4)) == 1
    assert (len(mailbox(dane.email)), len(mailbox(new_yorker.email))) == (1, 0)
    assert send(NIGHT + timedelta(hours=10)) == 1
    assert Message.objects.filter(channel="inbox", at=NIGHT, status="sent").count() == 2


@pytest.mark.django_db
def test_what_an_outage_has_delayed_does_not_go_out_at_night(one, mailbox, settings):
    queue(one, kind="payment_received")
    settings.SANDBOX = False
    assert send(NIGHT) == 1
    message = Message.objects.get(channel="email")
    assert (message.status, message.tries, message.not_before) == ("queued", 0, NIGHT + timedelta(hours=10))
    assert mailbox(one.email) == []
    assert send(NIGHT + timedelta(hours=1)) == 0
    Message.objects.update(next_at=wall())
    settings.SANDBOX = True  # nothing of a live installation reaches the mailbox that is read here
    assert send(NIGHT + timedelta(hours=10)) == 1
    assert len(mailbox(one.email)) == 1


@pytest.mark.django_db
def test_a_mailbox_that_is_away_is_tried_again_and_in_the_end_given_up(one, settings, monkeypatch):
    settings.EMAIL_BACKEND = "notifications.gateways.mailbox.MailboxBackend"

    def away(self, path, body, **more):
        raise remote.Unknown("no answer")

    monkeypatch.setattr(remote.Remote, "post", away)
    queue(one)
    waits = []
    for _ in range(6):
        Message.objects.update(next_at=wall())
        assert send() == 1
        message = Message.objects.get(channel="email")
        waits.append(round((message.next_at - wall()).total_seconds()) if message.status == "queued" else None)
        assert send() == 0
    assert waits == [60, 300, 1800, 7200, 21_600, None]
    assert (message.status, message.tries, message.error) == ("failed", 6, "Unknown('no answer')")
    Message.objects.update(next_at=wall())
    assert send() == 0


@pytest.mark.django_db
def test_a_phone_number_that_is_refused_is_not_tried_again(person, sandbox_world):
    someone = person(email=False, phone=True)
    someone.phone = "12"
    someone.save()
    queue(someone)
    send()
    message = Message.objects.get(channel="sms")
    assert (message.status, message.tries) == ("failed", 1)
    assert message.error


@pytest.mark.django_db
def test_who_has_no_address_any_more_keeps_nobody_else_waiting(person, mailbox):
    gone, here = person(), person()
    for someone in (gone, here):
        queue(someone)
    gone.email = ""
    gone.save()
    assert send() == 2
    assert len(mailbox(here.email)) == 1
    failed = Message.objects.get(channel="email", consumer=gone)
    assert (failed.status, failed.error) == ("failed", "no e-mail address that mail can be sent to")


@pytest.mark.django_db
def test_a_message_that_cannot_be_written_keeps_nobody_else_waiting(person, mailbox):
    broken, fine = person(), person()
    queue(broken, amount_minor="much", currency="USD")
    queue(fine)
    assert send() == 2
    assert len(mailbox(fine.email)) == 1
    message = Message.objects.get(channel="email", consumer=broken)
    assert (message.status, message.tries) == ("queued", 1)
    assert message.error.startswith("cannot be written: TypeError")


class ChokingBackend(BaseEmailBackend):
    """Sends one after the other, as SMTP does, and chokes on the third mail it ever sees."""

    sent: list[str] = []
    seen = 0

    def send_messages(self, email_messages):
        for mail in email_messages:
            mail.message()
            type(self).seen += 1
            if self.seen == 3:
                raise OSError("mailbox full")
            self.sent.append(mail.to[0])
        return len(email_messages)


@pytest.mark.django_db
def test_a_backend_that_stops_in_the_middle_sends_none_twice_and_none_not_at_all(person, settings):
    settings.EMAIL_BACKEND = f"{__name__}.ChokingBackend"
    ChokingBackend.sent, ChokingBackend.seen = [], 0
    people = [person() for _ in range(5)]
    for someone in people:
        queue(someone)
    assert send() == 5
    emails = [someone.email for someone in people]
    assert ChokingBackend.sent == [*emails[:2], *emails[3:]]
    waiting = Message.objects.get(channel="email", status="queued")
    assert (waiting.consumer, waiting.tries, waiting.error) == (people[2], 1, "OSError('mailbox full')")
    Message.objects.update(next_at=wall())
    assert send() == 1
    assert ChokingBackend.sent == [*emails[:2], *emails[3:], emails[2]]


class RefusingBackend(BaseEmailBackend):
    """Refuses every address, as a mail server does."""

    def send_messages(self, email_messages):
        email_messages[0].message()
        raise SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"no such user")})


@pytest.mark.django_db
def test_what_is_kept_of_a_refusal_names_no_address(person, settings):
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    queue(person())
    assert send() == 1
    assert Message.objects.get(channel="email").error == "SMTPRecipientsRefused({'[removed]': (550, b'no such user')})"
    Message.objects.filter(channel="email").update(error="SMTPRecipientsRefused({'anna@example.com': (550, b'')})")
    execute(import_module("notifications.migrations.0012_errors_name_nobody").CLEAN)
    assert Message.objects.get(channel="email").error == "SMTPRecipientsRefused([removed])"


@pytest.mark.django_db
def test_a_reminder_of_what_is_paid_meanwhile_is_dropped(buy, merchant, mailbox, operators):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=AT)
    due = {"due_date": "2026-12-06", "amount_minor": 5_725}
    for number in (2, 3):
        context = order_context(order) | due | {"numbers": [number]}
        services.queue_for_consumer(consumer=order.consumer, kind="payment_late", subject=f"x{number}", context=context, at=AT)
    paid = Installment.objects.filter(plan=order.plan_id, number=2)
    paid.update(status="paid", paid_principal_minor=5_725)
    assert send() == 2
    dropped, sent = Message.objects.filter(channel="email", kind="payment_late").order_by("id")
    assert (dropped.status, dropped.error, sent.status) == ("dropped", "no longer true", "sent")
    assert [mail["subject"] for mail in mailbox(order.consumer.email) if "due" in mail["subject"]] == [
        "$57.25 for Nordlys Lamps was due on Sunday, December 6"
    ]


@pytest.mark.django_db
def test_a_batch_takes_the_same_few_statements_whatever_its_size(person, mailbox, django_assert_num_queries):
    def statements(count: int) -> int:
        for number in range(count):
            queue(someone, subject=f"{count}:{number}")
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            assert send() == count
        return len(seen)

    someone = person()
    assert statements(1) == statements(40) <= 7


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_message_once(person, mailbox):
    someone = person()
    for number in range(300):
        queue(someone, subject=str(number))
    start, sent = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        sent.append(send())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 300
    ids = {mail["headers"]["Message-ID"] for mail in mailbox(someone.email)}
    assert len(ids) == 100  # the page is full, and each of it is another one
    assert Message.objects.filter(channel="email", status="sent", tries=1).count() == 300


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_had_in_hand_is_sent_by_another_under_the_same_id(person, mailbox, sandbox_world, process_env):
    someone, now = person(), clock.now()
    queue(someone, at=now)
    key = {"Authorization": "Bearer sandbox_gateway_key"}
    slow = {"target": "mailbox", "latency_ms": 30_000, "match": "mailbox/messages"}
    requests.post(f"{sandbox_world}/control/chaos", json=slow, headers=key, timeout=30)
    code = "import django; django.setup(); from core.clock import now; from notifications import services; services.send_messages(at=now())"
    worker = subprocess.Popen([sys.executable, "-c", code], env=process_env | {"DJANGO_SETTINGS_MODULE": "bnpl.settings"})
    try:
        stop = time.monotonic() + 90
        while not mailbox(someone.email):
            assert time.monotonic() < stop
            time.sleep(0.05)
        os.kill(worker.pid, signal.SIGKILL)
    finally:
        worker.wait(30)
        requests.post(f"{sandbox_world}/control/chaos", json={"target": "mailbox"}, headers=key, timeout=30)
    assert Message.objects.get(channel="email").status == "queued"
    assert send(now) == 0
    Message.objects.update(next_at=clock.wall())
    assert send(now) == 1
    assert Message.objects.get(channel="email").status == "sent"
    first, again = mailbox(someone.email)
    assert first["headers"]["Message-ID"] == again["headers"]["Message-ID"]
