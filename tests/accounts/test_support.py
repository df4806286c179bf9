"""What people tell of their situation: with consent alone, for who may see it, heeded, and gone when they take it back."""

import io
from datetime import timedelta

import pypdf
import pytest
from django.core import mail

from accounts import services as accounts
from accounts.models import Consent, SupportFlag
from accounts.support import cared_among, large_print_among, list_support, not_called_among
from checkout.papers import papers_of_order, pdf_of
from core import relay
from core.clock import local_date
from core.db import rows
from core.errors import Forbidden, Invalid, NotFound
from core.retention import forget_old
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from notifications.services.mails import send_mails
from portals.consumer.account.copying import everything
from tests.cast import NOW
from tests.operators import make_operator

DAY = timedelta(days=1)


@pytest.fixture
def order(buy, merchant):
    return buy(merchant, 22_900)


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["note_support"])


def note(consumer, user, **changed):
    today = local_date(NOW, consumer.time_zone)
    told = {"driver": "health", "needs": ["no_phone", "large_print"], "note": "after an operation", "consents": True}
    return accounts.note_support(consumer_id=consumer.pk, user=user, at=NOW, **told | {"review_on": today + 90 * DAY} | changed)


def test_it_is_kept_encrypted_with_consent_and_deleted_when_the_person_takes_it_back(order, rita):
    person, today = order.consumer, local_date(NOW, order.consumer.time_zone)
    # The same form sent twice is one note and one consent.
    made = note(person, rita)
    assert note(person, rita) == made
    assert b"operation" not in bytes(str(rows("SELECT told FROM accounts_supportflag")), "utf-8")
    (found,) = list_support(person.pk, today)
    assert (found.driver, found.needs, found.note, found.recorded_by) == (
        "Health", ("Large print", "No calls"), "after an operation", str(rita.pk)
    )  # fmt: skip
    assert cared_among([person.pk], today) == not_called_among([person.pk], today) == {person.pk}
    assert large_print_among([person.pk], today) == {person.pk}
    relay.drain()
    message = Message.objects.filter(consumer=person, kind="order_authorized", channel="email").latest("id")
    (sent,) = send_mails([message], load_named([message]))
    assert not sent.error
    # Letters and documents are set in 16 points and more, which are 21.3 pixels.
    assert "max-width: 640px" in str(mail.outbox[-1].alternatives[0][0])
    assert "max-width: 640px" not in compose_letter(message, load_named([message])).html
    paper = papers_of_order(order)["agreement"]
    pages = {large: len(pypdf.PdfReader(io.BytesIO(pdf_of(order, paper, large=large)[0])).pages) for large in (False, True)}
    assert pages[True] > pages[False]
    assert everything(person)["situation"][0]["told"]["driver"] == "health"
    with pytest.raises(NotFound):
        accounts.take_back_support(consumer_id=rita.pk, flag_id=made.pk, user=None, at=NOW)
    accounts.take_back_support(consumer_id=person.pk, flag_id=made.pk, user=None, at=NOW)
    assert not SupportFlag.objects.exists()
    consents = Consent.objects.filter(kind="support", consumer=person).order_by("id")
    assert list(consents.values_list("given", "how", "reference")) == [
        (True, "operator", made.public_id), (False, "account", made.public_id)
    ]  # fmt: skip


def test_it_does_not_count_after_its_day_and_is_forgotten_then(order, rita):
    person, today = order.consumer, local_date(NOW, order.consumer.time_zone)
    note(person, None)
    assert list_support(person.pk, today + 91 * DAY) == []
    assert not cared_among([person.pk], today + 91 * DAY)
    forget_old(at=NOW + 100 * DAY)
    assert SupportFlag.objects.count() == 1
    forget_old(at=NOW + 122 * DAY)
    assert not SupportFlag.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"consents": False}, "consents"),
        ({"driver": "mood"}, "driver"),
        ({"needs": ["gold"]}, "driver"),
        ({"review_on": NOW.date()}, "review_on"),
    ],
)
def test_nothing_is_kept_without_consent_or_of_another_kind(order, rita, changed, field):
    with pytest.raises(Invalid) as refused:
        note(order.consumer, rita, **changed)
    assert set(refused.value.fields) == {field}
    assert not SupportFlag.objects.exists()


def test_only_who_may_notes_it(order):
    with pytest.raises(Forbidden):
        note(order.consumer, make_operator("vera@kvart.example", may=["view_person"]))
    assert not Consent.objects.filter(kind="support").exists()
