"""On a call: a link to pay is sent, opened and paid, and followed on the case; what was found out is kept, and used for nothing."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from collection.models import ContactStop, PayLink, Trace
from core import relay
from notifications.letters import compose_brief
from notifications.models import Message
from notifications.queries import load_named
from plans.models import Plan
from portals.consumer.account.copying import everything
from tests.operations.test_late_people import FIGURES, case, do, give_phone, now, page_of, rita, text

__all__ = ["case", "now", "rita"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_link_sent_on_a_call_is_followed_until_it_is_paid(rita, case):
    plan = str(Plan.objects.get().pk)
    give_phone(case)
    assert "A link is sent on a call that is under way." in text(do(rita, case, "link", plan=plan, channel="sms"))
    do(rita, case, "call")
    ContactStop.objects.create(consumer=case.consumer, channel="sms", stopped_by="her", stopped_at=case.consumer.created_at)
    assert "The person does not want this channel." in text(do(rita, case, "link", plan=plan, channel="sms"))
    do(rita, case, "allow", channel="sms")
    assert "The link is on its way." in text(do(rita, case, "link", plan=plan, channel="sms"))
    assert "The link was sent on this call already." in text(do(rita, case, "link", plan=plan, channel="sms"))
    relay.drain()
    message = Message.objects.get(kind="pay_link")
    assert (message.channel, message.not_before <= message.at) == ("sms", True)
    brief = compose_brief(message, load_named([message]))
    assert "As you asked on the phone: here you pay $57.25" in brief.text
    page, path = Client(), re.sub(r"^https?://[^/]+", "", brief.url)
    links = reverse("admin:collection_case_links", args=[case.pk])
    assert "SMS: $57.25" in text(rita.get(links))
    assert "Opened" not in text(rita.get(links))
    shown = page.get(path).content.decode()
    assert "Opened" in text(rita.get(page_of(case)))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown))
    page.post(path, fields)
    assert PayLink.objects.get().charge_id is not None
    assert "Paid $57.25" in text(rita.get(links))
    assert re.search(rf"{rita.user.email} 1 0 0 – \$0\.00 0 0 0 1 1", text(rita.get(f"{FIGURES}?market=US")))


def test_what_is_found_out_is_sealed_confirmed_once_and_nobody_else_s(rita, case):
    page = text(do(rita, case, "trace", kind="phone", source="directory", found="+1 212 555 0199"))
    assert "+1 212 555 0199 Not confirmed" in page
    made = Trace.objects.get()
    # Also what others told of a person is in the copy of their data, with its source (GDPR, article 15 (1) (g)).
    (told,) = everything(case.consumer)["found_out"]
    assert (told["found"], told["source"]) == ("+1 212 555 0199", "directory")
    assert not case.consumer.phone
    assert "That is noted already." not in text(do(rita, case, "traced", trace=made.public_id, state="confirmed"))
    assert "That is noted already." in text(do(rita, case, "traced", trace=made.public_id, state="wrong"))
    assert "Confirmed by the person" in text(rita.get(page_of(case)))
    case.consumer.refresh_from_db()
    assert not case.consumer.phone
    assert "Say what was found, and where." in text(do(rita, case, "trace", kind="phone", source="x", found=" "))
    assert Trace.objects.count() == 1
