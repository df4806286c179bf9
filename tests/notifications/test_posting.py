"""A notice that no message brings: by the next way, at last on paper, posted by an operator, and then told."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Consumer
from collection.errors import NoticeFirst
from collection.models import LateNotice
from collection.reminding import check_notice
from core import relay
from core.errors import Conflict, Forbidden
from notifications import services as notifications
from notifications.gateways.sms import Undeliverable
from notifications.models import Message, PaperLetter
from tests.collection.test_reminding import DAY, LAW, _fresh, captured, demand, live, pay, plan  # noqa: F401
from tests.operators import make_operator
from tests.owner import as_owner

LATER = timedelta(days=12)
MANY = [(22_900, "ann"), (22_900, "ben"), (22_900, "cia")]


@pytest.fixture
def poster(db):
    return make_operator("olga@kvart.example", may=["post_letter", "view_person"])


def tell(at, days):
    """Close some days, write the notice, and try to send what waits."""
    live(at, days)
    relay.drain()
    notifications.send_messages(at=(at + days * DAY).replace(hour=20))


def dead_address(monkeypatch):
    monkeypatch.setattr("notifications.services.mails.sanitize_address", _refuse)


def _refuse(*_told):
    raise ValueError


def test_what_no_message_brings_is_posted_and_then_told(plan, poster, at, monkeypatch, client):  # noqa: F811
    dead_address(monkeypatch)
    plan.consumer.phone = "+12025550123"
    plan.consumer.save(update_fields=["phone"])

    def refuse(**_told):
        raise Undeliverable("no such number")

    monkeypatch.setattr("notifications.services.sending.send_sms", refuse)
    demand(LAW)
    tell(at, 11)
    failed, sms = Message.objects.filter(kind="late_notice").exclude(channel="inbox").order_by("id")
    assert (failed.channel, failed.status, sms.channel, sms.status) == ("email", "failed", "sms", "failed")
    letter = PaperLetter.objects.get()
    given = LateNotice.objects.get()
    assert (letter.late_notice_id, letter.why, given.told_at) == (given.pk, "no such number", None)
    with pytest.raises(Forbidden):
        notifications.print_letters(user=make_operator("nora@kvart.example", may=["view_person"]), at=at + LATER)
    batch = notifications.print_letters(user=poster, at=at + LATER)
    with pytest.raises(Conflict):
        notifications.print_letters(user=poster, at=at + LATER)
    client.force_login(poster)
    page = client.get(reverse("admin:notifications_letters"))
    assert "Batch of 1 letter" in page.content.decode()
    addresses = client.get(reverse("admin:notifications_letters_addresses", args=[batch])).content.decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(addresses))
    assert line["line1"] == plan.consumer.address["line1"]
    whole = zipfile.ZipFile(io.BytesIO(client.get(reverse("admin:notifications_letters_file", args=[batch])).content))
    assert [whole.read(name)[:5] for name in whole.namelist()] == [b"%PDF-"]
    assert notifications.post_letters(batch=batch, user=poster, at=at + LATER) == 1
    assert notifications.post_letters(batch=batch, user=poster, at=at + 2 * LATER) == 0
    given.refresh_from_db()
    assert given.told_at == at + LATER + 4 * DAY
    last = (given.told_at + LAW["days"] * DAY).date()
    with pytest.raises(NoticeFirst):
        check_notice(plan, LateNotice.DEFAULT, last)
    check_notice(plan, LateNotice.DEFAULT, last + DAY)


def test_what_is_paid_before_it_is_printed_is_not_posted(plan, poster, at, monkeypatch):  # noqa: F811
    dead_address(monkeypatch)
    Consumer.objects.filter(pk=plan.consumer_id).update(phone="")
    demand(LAW)
    tell(at, 11)
    pay(plan, 1)
    with pytest.raises(Conflict):
        notifications.print_letters(user=poster, at=at + LATER)
    assert PaperLetter.objects.get().left == "no longer true"


def test_a_notice_that_counts_only_on_paper_is_sent_and_waits_to_be_posted(plan, poster, at, settings):  # noqa: F811
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    demand(LAW | {"paper": True})
    tell(at, 11)
    assert Message.objects.get(kind="late_notice", channel="email").status == "sent"
    assert (LateNotice.objects.get().told_at, PaperLetter.objects.get().why) == (None, "")


def test_what_is_not_posted_is_given_again_with_growing_gaps_and_the_newer_letter_counts(plan, poster, at):  # noqa: F811
    demand(LAW | {"paper": True})
    for days in (11, 17, 18, 31, 32, 59, 60):
        live(at, days)
    assert [(one.day - at.date()).days for one in LateNotice.objects.order_by("id")] == [10, 17, 31, 59]
    relay.drain()
    assert [one.left for one in PaperLetter.objects.order_by("id")] == ["told anew by a later notice"] * 3 + [""]
    waiting = PaperLetter.objects.get(left_at=None)
    Consumer.objects.filter(pk=plan.consumer_id).update(address={})
    with pytest.raises(Conflict):
        notifications.print_letters(user=poster, at=at + 61 * DAY)
    notifications.leave_letter(letter_id=waiting.pk, why="Moved abroad", user=poster, at=at + 61 * DAY)
    assert LateNotice.objects.filter(told_at=None).count() == 4


def test_people_without_an_address_hold_no_other_letter_up(buy, merchant, poster, at, client, monkeypatch):
    mine = [captured(buy(merchant, minor, email=f"{name}+approve@people.example"), merchant, at) for minor, name in MANY]
    demand(LAW | {"paper": True})
    tell(at, 11)
    assert PaperLetter.objects.count() == 3
    Consumer.objects.filter(pk=mine[0].consumer_id).update(address={})
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_consumer SET address = 'copied from elsewhere' WHERE id = %s", [mine[1].consumer_id])
    client.force_login(poster)
    assert "Letters to print and post" in client.get(reverse("admin:notifications_letters")).content.decode()
    monkeypatch.setattr("notifications.services.posting.PAGE", 1)
    batch = notifications.print_letters(user=poster, at=at + LATER)
    assert [one.consumer_id for one in PaperLetter.objects.filter(batch=batch)] == [mine[2].consumer_id]
