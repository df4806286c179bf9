"""Letters by template: written in the market's settings, read before they are sent, sent once a day through the gate, and kept."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from collection.models import CaseLetter
from core import clock, relay
from markets.catalog import value_faults
from markets.models import MarketSetting
from markets.queries import forget_rows
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from plans import services as plans
from plans.models import Plan
from portals.consumer.account.copying import everything
from tests.operations.test_late_people import case, now, rita, text
from tests.owner import as_owner

__all__ = ["case", "now", "rita"]
pytestmark = pytest.mark.django_db(transaction=True)
BALANCE = {"name": "Balance", "asks": True, "en_heading": "What is late", "en_text": "Dear {person}, {amount} is late on {day}. {company}"}


def write(key, value):
    with as_owner():
        MarketSetting.objects.create(market_id="US", key=key, value=value, valid_from=date(2025, 1, 1), source="Ours")
    forget_rows(key)


def test_a_letter_is_read_first_sent_once_a_day_and_kept(rita, case):
    page = reverse("admin:collection_case_letters", args=[case.pk])
    assert "The market has no letters." in text(rita.get(page))
    write("letter.1", BALANCE)
    write("letter.2", {"name": "Thanks", "asks": False, "de_heading": "Danke", "de_text": "Danke, {person}."})
    write("letter.3", BALANCE | {"name": "Of another brand", "brand": "other"})
    shown = text(rita.get(page))
    assert f"Dear {case.consumer.name}, $57.25 is late on" in shown
    assert f"Danke, {case.consumer.name}." in shown
    # In the words and forms of the letter's language, whatever the operator's is.
    assert f"Dear {case.consumer.name}, $57.25 is late on" in text(rita.get(page, headers={"Accept-Language": "de"}))
    assert "Of another brand" not in shown
    setting = MarketSetting.objects.get(key="letter.1").pk
    assert "The letter is on its way." in text(rita.post(page, {"setting": setting, "once": "a"}, follow=True))
    assert "This letter was sent within a day." in text(rita.post(page, {"setting": setting, "once": "b"}, follow=True))
    assert "This letter changed" in text(rita.post(page, {"setting": "x", "once": "c"}, follow=True))
    relay.drain()
    email = Message.objects.get(kind="case_letter_asks", channel="email")
    assert "$57.25 is late on" in compose_letter(email, load_named([email])).text
    kept = CaseLetter.objects.get()
    assert everything(case.consumer)["letters"][0]["words"]["heading"] == "What is late"
    person = Client()
    session = person.session
    session["consumer"], session["consumer_since"] = case.consumer.public_id, clock.now().isoformat()
    session.save()
    person.cookies["bnpl_session"] = session.session_key
    assert "$57.25 is late on" in text(person.get(f"/letters/{kept.public_id}"))
    assert "We wrote you a letter." in text(person.get("/inbox"))
    # What does not ask to pay goes without anything late; after a death nothing goes.
    plans.stand_still(consumer_id=Plan.objects.get().consumer_id, kind="deceased", actor="anna", at=clock.now())
    other = MarketSetting.objects.get(key="letter.2").pk
    assert "Nothing is asked of this person now." in text(rita.post(page, {"setting": other, "once": "d"}, follow=True))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"en_text": "Dear {name}"}, "en_text"),
        ({"en_text": "100 } percent"}, "en_text"),
        ({"da_heading": "Kun en overskrift"}, "da_text"),
    ],
)
def test_a_letter_is_whole_and_fills_in_only_what_is_known(change, field):
    assert value_faults("letter.1", BALANCE) == {}
    # A text has paragraphs; a heading is one line.
    assert value_faults("letter.1", BALANCE | {"en_text": "Dear {person}\n\n{amount} is late."}) == {}
    assert set(value_faults("letter.1", BALANCE | {"en_heading": "Two\nlines"})) == {"en_heading"}
    assert set(value_faults("letter.1", BALANCE | change)) == {field}
    assert set(value_faults("letter.1", {"name": "Empty", "asks": False})) == {"en_text"}
