"""Notices of refusals, kept as they were sent: written once through kills, unchanged by newer words, found again, forgotten in time."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Consumer
from brands import services as brands
from core import clock, relay
from core.crypto import Erased
from core.db import unit
from core.ids import uuid7
from core.months import add_months
from core.outbox import append
from core.retention import forget_old
from credit.events import ApplicationDeclined
from credit.models import Approval, Decision
from credit.reasons import SENTENCES, sentences
from credit.rules import CURRENT
from markets import services as markets
from markets.models import Market
from notifications import services as notifications
from notifications.models import Message, Notice
from notifications.services import keep_refusal
from portals.consumer.account.copying import everything
from tests.operators import make_boss, make_operator
from tests.owner import tamper
from tests.plans.test_pdf import words
from tests.portals.reading import text_of
from tests.portals.test_refusal_notices import notice_of, read

pytestmark = pytest.mark.django_db
ENGLISH = {"headers": {"Accept-Language": "en"}}


@pytest.fixture
def consumer(moment) -> Consumer:
    market = Market.objects.get(code="US")
    found = accounts.get_or_create_consumer(channel="email", destination="bo@x.example", market=market, at=moment, brand="main")
    return accounts.update_details(consumer=found, name="Bo Reader", at=moment, actor="test")


@pytest.fixture
def decision(consumer, moment) -> Decision:
    told = {"limit_minor": 0, "order_limit_minor": 0, "score": 0, "inputs": {}, "versions": {"scorecard": CURRENT}}
    made = {"reference": "none", "currency": "USD", "amount_minor": 90_000, "outcome": "decline", "reasons": ["short_history"]}
    return Decision.objects.create(consumer=consumer, at=moment, **made, **told)


def refused(like: Decision, **other: Any) -> Decision:
    """Return a further decision about the same person."""
    made = Decision.objects.get(pk=like.pk)
    for name, value in ({"pk": uuid7()} | other).items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return Decision.objects.select_related("consumer").get(pk=made.pk)


def publish(decision: Decision) -> None:
    told = {"currency": decision.currency, "amount_minor": decision.amount_minor, "reference": decision.reference}
    with unit():
        append(ApplicationDeclined(consumer=decision.consumer.public_id, decision=decision.public_id, **told), at=decision.at)


def test_it_is_written_by_the_worker_once_whatever_stops_it_in_between(decision, monkeypatch):
    publish(decision)
    assert not Notice.objects.exists()
    waiting = relay.relay_chunk()
    for stopped in ("notifications.handlers.people.queue_for_consumer", "notifications.services.keeping.queries.get_notice"):
        with monkeypatch.context() as broken:
            broken.setattr(stopped, lambda *_given, **_named: 1 / 0)
            relay.deliver(waiting)
        assert (Notice.objects.count(), Message.objects.count()) == (0, 0), stopped
    relay.deliver(waiting)
    relay.deliver(waiting)
    kept = Notice.objects.get()
    assert Message.objects.filter(context__kept=kept.public_id).count() == Message.objects.count() == 2
    assert (kept.by_people, kept.versions["law"]["adverse_action.agency"]) == (False, "2025-01-01")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Notice.objects.filter(pk=kept.pk).update(seal="x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        kept.delete()


def test_newer_words_reasons_and_another_address_of_the_brand_change_nothing(client, decision, consumer, sign_in, moment, monkeypatch):
    kept = keep_refusal(decision=decision, at=moment)
    sign_in(client, consumer)
    before = client.get(notice_of(decision)).content
    brands.change_brand(code="main", changes={"legal_name": "Another Inc.", "address": "9 Elsewhere"}, actor="test", at=moment)
    monkeypatch.setattr("plans.documents.refusal.VERSION", "another")
    monkeypatch.setitem(SENTENCES, "short_history", "Other words.")
    assert client.get(notice_of(decision)).content == before
    page = text_of(client.get(reverse("notice", args=[kept.public_id]), **ENGLISH))
    for told in (words(page), read(client.get(reverse("notice_pdf", args=[kept.public_id])))):
        assert words("Your credit history is short.") in told
        assert words("Kvart Finance Inc. cannot offer you a plan") in told


@pytest.mark.django_db(transaction=True)
def test_a_refused_person_without_a_session_reaches_it_by_the_link_of_the_letter_and_finds_it_again(decision, consumer, sign_in, bought):
    publish(decision)
    relay.deliver(relay.relay_chunk())
    kept, browser = Notice.objects.get(), Client()
    address = reverse("notice_pdf", args=[kept.public_id])
    asked = browser.get(address)
    assert asked["Location"] == f"{reverse('sign_in')}?{urlencode({'next': address})}"
    sent = browser.post(asked["Location"], {"contact": "bo@x.example"})
    arrived = browser.post(sent["Location"], {"code": "111111"}, follow=True)
    assert arrived["Content-Type"] == "application/pdf"
    assert f'href="{reverse("notice", args=[kept.public_id])}"' in text_of(browser.get(reverse("notices")))
    for page in ("limit", "profile"):
        assert f'href="{reverse("notices")}"' in text_of(browser.get(reverse(page))), page
    stranger = sign_in(Client(), bought().consumer)
    for name in ("notice", "notice_pdf"):
        assert stranger.get(reverse(name, args=[kept.public_id])).status_code == 404
    assert kept.public_id not in text_of(stranger.get(reverse("notices")))


def test_it_is_kept_for_the_months_of_the_market_s_law_and_then_forgotten(decision, moment, consumer):
    kept = keep_refusal(decision=decision, at=moment)
    assert kept.keep_until.date() == add_months(moment.date(), 25)
    market = Market.objects.get(code="US")
    markets.add_setting(market=market, key="records.keep_months", value=36, valid_from=moment.date(), source="A law of 2026", at=moment)
    other = refused(decision, at=moment + timedelta(days=2))
    later = keep_refusal(decision=other, at=other.at)
    assert later.keep_until.date() == add_months(other.at.date(), 36)
    assert forget_old(at=kept.keep_until + timedelta(days=400)) == 0
    tamper("UPDATE notifications_notice SET keep_until = now() - interval '1 hour' WHERE id = %s", [str(kept.pk)])
    forget_old(at=clock.wall())
    assert list(Notice.objects.values_list("pk", flat=True)) == [later.pk]


def test_the_copy_has_it_and_nobody_reads_it_once_the_person_is_erased(decision, consumer, moment):
    kept = keep_refusal(decision=decision, at=moment)
    (told,) = everything(consumer)["notices"]
    assert (told["paper"]["text"], told["seal"], told["by_people"]) == (kept.paper["text"], kept.seal, False)
    wish = accounts.open_request(consumer=consumer, kind="closure", text="Delete me", at=moment)
    accounts.answer_request(request_id=wish.pk, user=make_boss(), outcome="done", answer="Done.", at=moment)
    notifications.send_messages(at=moment)
    assert accounts.erase_closed(at=kept.keep_until - timedelta(days=2)) == 0
    tamper("UPDATE notifications_message SET status = 'sent', sent_at = now()")
    assert accounts.erase_closed(at=kept.keep_until + timedelta(days=1)) == 1
    with pytest.raises(Erased):
        Notice.objects.get()


def test_operators_read_it_as_it_was_sent_if_they_may_see_people(decision, moment):
    kept = keep_refusal(decision=decision, at=moment)
    address = reverse("admin:credit_decision_notice", args=[kept.pk])
    decided = reverse("admin:credit_decision_change", args=[decision.pk])
    for rights, reads in ((["view_decision", "view_person"], True), (["view_decision"], False)):
        browser = Client()
        browser.force_login(make_operator(f"{len(rights)}@kvart.example", may=rights), backend="django.contrib.auth.backends.ModelBackend")
        assert f'href="{address}"' in text_of(browser.get(decided))
        page = text_of(browser.get(address))
        assert (kept.seal in page, "Your credit history is short." in page, "Bo Reader" in page) == (True, reads, reads)
    nobody = Client()
    nobody.force_login(make_operator("none@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    assert nobody.get(address).status_code == 403


def test_what_people_overruled_is_called_automated_nowhere(client, decision, consumer, sign_in, moment):
    sign_in(client, consumer)
    assert "A computer decided this." in text_of(client.get(reverse("limit"), **ENGLISH))
    given = {"amount_minor": 90_000, "granted_minor": 90_000, "why": "passing", "note": "seen", "actor": "x"}
    Approval.objects.create(decision=decision, consumer=consumer, currency="USD", at=moment, until=moment + timedelta(days=30), **given)
    page = text_of(client.get(reverse("limit"), **ENGLISH))
    assert "A person looked at it again: you can buy for up to" in page
    assert "A computer decided" not in page
    (told,) = everything(consumer)["decisions"]
    assert (told["decided_by"], told["overruled_at"]) == ("computer", moment)
    refused(decision, outcome="approve", reasons=["approved_by_people"])
    page = text_of(client.get(reverse("limit"), **ENGLISH))
    assert ("People decided about you last." in page, "A computer" in page) == (True, False)
    assert everything(consumer)["decisions"][1]["decided_by"] == "people"


def test_a_refusal_that_a_person_confirmed_says_so_and_one_under_review_does_not(client, decision, consumer, sign_in, moment):
    sign_in(client, consumer)
    wish = accounts.open_request(consumer=consumer, kind="review", text="Look again", at=moment)
    assert "A computer decided this." in text_of(client.get(reverse("limit"), **ENGLISH))
    accounts.answer_request(request_id=wish.pk, user=make_boss(), outcome="refused", answer="It stays.", at=moment)
    page = text_of(client.get(reverse("limit"), **ENGLISH))
    assert ("came to the same decision" in page, "A computer decided this." in page) == (True, False)


@pytest.mark.parametrize(("market", "most", "law"), [("US", 2, ""), ("DK", 4, "Directive (EU) 2023/2225")])
def test_it_names_no_more_reasons_than_the_market_says_and_the_law_of_the_review(decision, consumer, moment, market, most, law):
    given = {"key": "adverse_action.max_reasons", "value": most, "valid_from": moment.date(), "source": "test", "at": moment}
    markets.add_setting(market=Market.objects.get(code=market), **given)
    Consumer.objects.filter(pk=consumer.pk).update(market=market)
    reasons = ["short_history", "late_payments", "many_inquiries", "high_utilization"]
    made = refused(decision, at=moment + timedelta(days=2), reasons=reasons)
    text = keep_refusal(decision=made, at=made.at).paper["text"]
    assert [reason in text for reason in sentences(reasons)] == [True] * most + [False] * (4 - most)
    assert (f"This right stands in: {law}" in text) is bool(law)
