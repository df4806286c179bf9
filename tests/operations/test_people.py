"""An operator finds a person, sees all about them on one page, and acts; each look is kept, and who may not changes nothing."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services as people
from accounts.models import Block, Consumer, Look, Note
from checkout import services as checkouts
from checkout.models import Order
from controls import services
from controls.models import Proposal
from core import clock
from credit.models import CreditLine
from notifications.models import Message
from notifications.services import queue_for_consumer
from tests.api.counting import count_but_the_clock
from tests.cast import NOW
from tests.operators import make_operator
from tests.owner import tamper

pytestmark = pytest.mark.django_db
SEES = ("view_person", "view_consumer", "view_order", "view_look")
ACTS = ("look_after_person", "propose_limit", "resend_message")
FIND = "/admin/accounts/consumer/find/"


@pytest.fixture
def order(buy, merchant):
    """An order of somebody, of which the shop has captured all."""
    made = buy(merchant, 22_900, merchant_reference="LAMP-77")
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    return made


@pytest.fixture
def olga(client):
    """A browser of an operator who sees people and acts for them."""
    client.force_login(make_operator("olga@kvart.example", name="Olga Brandt", may=[*SEES, *ACTS]))
    return client


def page(consumer, act: str = "change") -> str:
    return reverse(f"admin:accounts_consumer_{act}", args=[consumer.pk])


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    page = answer.content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index('<div class="desk') :])))


def looks(**only) -> list[tuple]:
    return list(Look.objects.filter(**only).order_by("id").values_list("page", "consumer", "user__email"))


def test_everything_about_a_person_stands_on_one_page(order, olga):
    person = order.consumer
    people.record_consent(consumer=person, kind="bureau_inquiry", version="1", text="x", language="da", how="checkout", at=NOW)
    said = text(olga.get(page(person)))
    line = CreditLine.objects.get(consumer=person)
    for told in (
        person.name, person.email, person.address["line1"], "Owes now", "$229.00", "Next date", "LAMP-77", "Nordlys Lamps", "4242",
        "Set by hand" if line.by_hand_minor else "Order limit", "Your first spending limit.", "Bought", "The shop captured", "Approved",
        "Credit agreement", "Question to a credit bureau", "The shop, by the API", "UTC", "Nobody wrote a note.", "Possible",
    ):  # fmt: skip
        assert told in said, told
    assert not re.search(r"_minor|\bUSD \d|None|partially_|\{|\bkey:", said)
    assert looks() == [("person", person.pk, "olga@kvart.example")]


@pytest.mark.parametrize(
    "term", ["lamp-77", "LAMP", "anna+approve@people.example", "4242", "{name}", "{first}", "{order}", "{person}", "{plan}", "{decision}"]
)
def test_the_search_box_finds_by_what_somebody_knows(order, olga, term):
    person = order.consumer
    known = {"name": person.name, "first": person.name[:3], "order": order.public_id, "person": person.public_id}
    known |= {"plan": order.plan.public_id, "decision": order.decision.public_id}
    answer = olga.post(FIND, {"q": f" {term.format(**known)} "})
    ids = {"{order}": order.pk, "{person}": person.pk, "{plan}": order.plan_id, "{decision}": order.decision_id}
    if term in ids:
        assert answer.status_code == 302
        assert f"/{ids[term]}/change/" in answer["Location"]
        return
    assert answer.status_code == 200
    assert (f"/{person.pk}/change/" if "lamp" not in term.lower() else f"/{order.pk}/change/") in answer.content.decode()
    first, *shown = looks()
    assert first == ("find", None, "olga@kvart.example")
    assert shown == [("find", person.pk, "olga@kvart.example")]
    hashes = set(Look.objects.values_list("purpose_hash", flat=True))
    assert (len(hashes), len(hashes.pop())) == (1, 64)


@pytest.mark.parametrize("term", ["nobody", "9999", "an", "con_aaaa", ""])
def test_what_is_not_there_is_said_so(order, olga, term):
    answer = olga.post(FIND, {"q": term})
    assert answer.status_code == 200
    assert ("Nothing was found" in answer.content.decode()) is bool(term)
    assert str(order.consumer_id) not in answer.content.decode()


def test_searching_too_often_is_refused(olga, order, monkeypatch):
    monkeypatch.setattr("accounts.services.looks.A_MINUTE", 1)
    assert olga.post(FIND, {"q": "nobody"}).status_code == 200
    refused = olga.post(FIND, {"q": "lamp-77"})
    assert (refused.status_code, str(order.pk) in refused.content.decode()) == (429, False)
    assert Look.objects.count() == 1


def test_a_page_takes_the_same_queries_however_much_somebody_bought(order, buy, merchant, olga):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert olga.get(page(order.consumer)).status_code == 200
        return count_but_the_clock(asked)

    count()
    before = count()
    for number in range(4):
        made = buy(merchant, 2_000 + number)
        checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    assert (count(), before < 60) == (before, True)


def test_the_timeline_is_paged_and_loses_nothing(order, buy, merchant, olga):
    user = make_operator("nora@kvart.example", may=ACTS)
    for number in range(50):
        at = NOW + timedelta(minutes=number // 25)
        people.write_note(consumer_id=order.consumer_id, user=user, text=f"Note-{number:02}.", once=f"k{number}", at=at)
    seen, address = [], page(order.consumer)
    for _ in range(9):
        told = olga.get(address).content.decode()
        line = told[told.index('id="timeline"') : told.index('id="notes"')]
        seen += re.findall(r"Note-(\d\d)\.", line)
        older = re.search(r'href="(\?older=[^"#]+)#timeline"', line)
        if older is None:
            break
        address = page(order.consumer) + unescape(older[1])
    assert sorted(seen) == [f"{number:02}" for number in range(50)]
    assert older is None
    assert olga.get(page(order.consumer), {"older": "rubbish~x"}).status_code == 200


def test_a_note_pressed_twice_is_kept_once(order, olga):
    told = olga.get(page(order.consumer)).content.decode()
    once = re.search(r'name="once" value="([^"]+)"', told)[1]
    for _ in range(2):
        assert olga.post(page(order.consumer, "note"), {"text": "Called about the lamp.", "once": once}).status_code == 302
    assert [(note.text, str(note.by)) for note in Note.objects.all()] == [("Called about the lamp.", "Olga Brandt")]
    said = text(olga.get(page(order.consumer)))
    assert said.count("Called about the lamp.") == 2
    assert "This field is required" in text(olga.post(page(order.consumer, "note"), {"text": "", "once": "x"}))
    olga.post(page(order.consumer, "note"), {"text": "No key."})
    assert Note.objects.count() == 1


def test_somebody_is_blocked_and_unblocked_after_a_question(order, olga):
    given = {"reason": "fraud", "note": "Two cards of others."}
    asked = text(olga.post(page(order.consumer, "block"), given))
    assert ("Block this person?" in asked, Block.objects.count()) == (True, 0)
    for _ in range(2):
        olga.post(page(order.consumer, "block"), given | {"confirmed": "1"})
    assert Block.objects.count() == 1
    said = text(olga.get(page(order.consumer)))
    assert "Blocked: Suspicion of fraud" in said
    assert said.count("Two cards of others.") == 2
    assert "Unblock this person?" in text(olga.post(page(order.consumer, "unblock"), {"note": "Cleared."}))
    olga.post(page(order.consumer, "unblock"), {"note": "Cleared.", "confirmed": "1"})
    assert Block.objects.filter(lifted_at=None).count() == 0
    assert "Unblocked" in text(olga.get(page(order.consumer)))


def test_a_limit_is_proposed_in_units_of_its_currency(order, olga):
    given = {"currency": "USD", "USD-limit": "3000.50", "USD-reason": "She earns more."}
    olga.post(page(order.consumer, "limit"), given)
    row = Proposal.objects.get()
    assert (row.after, row.reason, row.status) == ({"limit_minor": 300_050}, "She earns more.", "proposed")
    said = text(olga.get(page(order.consumer)))
    assert "waits for a second person" in said
    assert "Limit proposed" in said
    olga.post(page(order.consumer, "limit"), given | {"USD-limit": "1"})
    assert Proposal.objects.count() == 1
    shown = make_operator("per@kvart.example", may=["approve_limit", *SEES])
    olga.force_login(shown)
    told = text(olga.get(reverse("admin:controls_proposal_change", args=[row.pk])))
    assert "$3,000.50" in told


def propose_order_limit(client, order, amount, until):
    given = {"currency": "USD", "USD-order-order_limit": amount, "USD-order-until": until, "USD-order-reason": "A new kitchen."}
    return client.post(page(order.consumer, "order_limit"), given)


def test_an_order_limit_is_proposed_and_shown_with_its_history(order, olga):
    last = (clock.now() + timedelta(days=30)).date()
    for amount, until, wrong in (
        ("500", "", "until"),
        ("", last.isoformat(), "until"),
        ("500", "2020-01-01", "until"),
        ("x", "", "order_limit"),
    ):
        answer = propose_order_limit(olga, order, amount, until)
        assert list(answer.context["order_limit_forms"]["USD"].errors) == [wrong]
    for _twice in range(2):
        propose_order_limit(olga, order, "120.50", last.isoformat())
    row = Proposal.objects.get()
    assert (row.kind, row.after) == ("credit.order_limit", {"order_limit_minor": 12_050, "until": last.isoformat()})
    assert "Another order limit is proposed" in text(olga.get(page(order.consumer)))
    second = make_operator("per@kvart.example", name="Per Holm", may=["approve_limit", *SEES])
    olga.force_login(second)
    assert "$120.50" in text(olga.get(reverse("admin:controls_proposal_change", args=[row.pk])))
    services.approve_proposal(proposal_id=row.pk, user=second, at=clock.now())
    said = text(olga.get(page(order.consumer)))
    for told in ("Set by hand until", "$120.50 until", "Olga Brandt, Per Holm", "A new kitchen."):
        assert told in said, told


@pytest.mark.parametrize(("language", "typed", "minor"), [("da", "3.000,50", 300_050), ("sv", "3 000,50", 300_050), ("de", "0", 0)])
def test_a_limit_is_typed_as_the_reader_writes_it(order, olga, language, typed, minor):
    olga.cookies["bnpl_language"] = language
    CreditLine.objects.filter(consumer=order.consumer).update(used_minor=0)
    olga.post(page(order.consumer, "limit"), {"currency": "USD", "USD-limit": typed, "USD-reason": "x"})
    assert Proposal.objects.get().after == {"limit_minor": minor}


@pytest.mark.parametrize(("language", "typed"), [("en", "3.000"), ("da", "3,000"), ("sv", "3.000,5"), ("de", "-5")])
def test_a_limit_that_can_be_read_in_two_ways_is_refused(order, olga, language, typed):
    olga.cookies["bnpl_language"] = language
    answer = olga.post(page(order.consumer, "limit"), {"currency": "USD", "USD-limit": typed, "USD-reason": "x"})
    assert (answer.status_code, list(answer.context["limit_forms"]["USD"].errors), Proposal.objects.exists()) == (200, ["limit"], False)


def test_a_message_is_sent_once_more_once(order, olga):
    person = order.consumer
    queue_for_consumer(
        consumer=person,
        kind="order_canceled",
        subject="x",
        context={"order": order.public_id, "merchant": order.merchant.public_id},
        at=NOW,
    )
    sent = Message.objects.get(consumer=person, channel="email", kind="order_canceled")
    address = reverse("admin:accounts_consumer_message", args=[person.pk, sent.pk])
    for _ in range(2):
        assert olga.post(address, {"once": "key-1"}).status_code == 302
    again = Message.objects.filter(kind="order_canceled", channel="email").exclude(pk=sent.pk).get()
    assert (again.facts, again.context["again_of"], again.status) == (sent.facts, sent.public_id, "queued")
    inbox = Message.objects.get(kind="order_canceled", channel="inbox")
    olga.post(reverse("admin:accounts_consumer_message", args=[person.pk, inbox.pk]), {"once": "key-2"})
    olga.post(address)
    assert Message.objects.filter(kind="order_canceled").count() == 3


def test_messages_stand_in_the_timeline_and_are_sent_again_from_there(order, olga, caplog):
    person = order.consumer
    about = {"order": order.public_id, "merchant": order.merchant.public_id}
    queue_for_consumer(consumer=person, kind="order_canceled", subject="x", context=about, at=NOW)
    sent = Message.objects.get(consumer=person, channel="email", kind="order_canceled")
    assert f"/message/{sent.pk}/" not in olga.get(page(person)).content.decode()
    Message.objects.filter(pk=sent.pk).update(status="sent", sent_at=NOW)
    told = olga.get(page(person)).content.decode()
    line = told[told.index('id="timeline"') : told.index('id="notes"')]
    form = re.search(rf'action="([^"]+{sent.pk}/)".*?name="once" value="([^"]+)"', line, re.DOTALL)
    assert ("E-mail:" in line, "Inbox:" in line, form is not None) == (True, False, True)
    with caplog.at_level("INFO", logger="bnpl.notifications"):
        for _ in range(2):
            assert olga.post(form[1], {"once": form[2]}).status_code == 302
    again = Message.objects.get(kind="order_canceled", channel="email", context__again_of=sent.public_id)
    assert [record.getMessage() for record in caplog.records] == [
        f"message_resent message={again.public_id} again_of={sent.public_id} user={again.context['again_by']}"
    ]
    said = text(olga.get(page(person)))
    assert ("E-mail, sent again:" in said, "Olga Brandt" in said) == (True, True)


def test_who_looked_is_shown_newest_first_and_paged(order, olga):
    for number in range(30):
        people.note_look(
            user=make_operator(f"l{number}@kvart.example"), consumers=[order.consumer_id], page="plan", address="10.0.0.7", at=NOW
        )
    told = olga.get(page(order.consumer, "looks")).content.decode()
    assert (told.count("10.0.0.7"), "l29@kvart.example" in told) == (25, True)
    older = re.search(r'href="(\?before=lok_\w+)"', told)[1]
    assert olga.get(page(order.consumer, "looks") + older).content.decode().count("10.0.0.7") == 5
    assert olga.get(page(order.consumer, "looks") + "?before=rubbish").status_code == 404


def test_who_only_looks_up_accounts_sees_who_nobody_is(order, client):
    client.force_login(make_operator("lea@kvart.example", may=["view_consumer"]))
    told = client.get(page(order.consumer)).content.decode()
    assert order.consumer.public_id in told
    for secret in (order.consumer.name, order.consumer.email, "1 Main St", "4242"):
        assert secret not in told
    assert client.get(FIND).status_code == 403
    assert looks() == []


ATTEMPTS = {
    "note": {"text": "x", "once": "k"},
    "block": {"reason": "fraud", "note": "x", "confirmed": "1"},
    "unblock": {"note": "x", "confirmed": "1"},
    "limit": {"currency": "USD", "USD-limit": "1000", "USD-reason": "x"},
    "order_limit": {"currency": "USD", "USD-order-order_limit": "10", "USD-order-until": "2026-12-01", "USD-order-reason": "x"},
}


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Note, Block, Proposal, Message, Look))


@pytest.mark.parametrize(("may", "status"), [(SEES, 403), (("view_consumer",), 403), (ACTS, 403), (None, 302)])
def test_who_may_not_act_changes_nothing(order, client, may, status):
    if may is not None:
        client.force_login(make_operator("lea@kvart.example", may=may))
    before = counts()
    for act, given in ATTEMPTS.items():
        assert client.post(page(order.consumer, act), given).status_code == status, act
    message = Message.objects.filter(consumer=order.consumer).first()
    again = reverse("admin:accounts_consumer_message", args=[order.consumer_id, message.pk if message else order.pk])
    assert client.post(again, {"once": "k"}).status_code == status
    assert counts() == before


def test_a_person_who_is_not_there_is_not_found(olga):
    for act in ("change", "note", "looks"):
        assert olga.get(f"/admin/accounts/consumer/{'0' * 8}-0000-7000-8000-{'0' * 12}/{act}/").status_code == 404


def test_an_unreadable_name_hides_nothing_else(order, olga):
    tamper("UPDATE accounts_consumer SET name = email WHERE id = %s", [order.consumer_id])
    said = text(olga.get(page(order.consumer)))
    assert "LAMP-77" in said
    assert "nreadable" in said


def test_an_erased_person_has_a_page_without_them(order, olga):
    secret = order.consumer.name
    from core.subject_keys import destroy_key, subject_of

    Consumer.objects.filter(pk=order.consumer_id).update(
        name="", email="", phone="", birth_date="", address="", email_hash=order.consumer.erased_hash
    )
    destroy_key(subject_of(order.consumer_id), at=NOW)
    said = text(olga.get(page(order.consumer)))
    assert "LAMP-77" in said
    assert secret not in said
    assert Order.objects.count() == 1


def test_who_may_not_see_people_reads_an_account_in_words_without_who_it_is(order, client):
    person = order.consumer
    client.force_login(make_operator("vera@kvart.example", may=["view_consumer", "view_order"]))
    answer = client.get(page(person))
    said = text(answer)
    for told in (person.public_id, "Owes now", "$229.00", "Next date", "LAMP-77", "Nordlys Lamps", "kvart", "United States", "Order limit"):
        assert told in said, told
    for secret in (person.name, person.email, person.address["line1"], "4242", "Notes", "Timeline"):
        assert secret not in said, secret
    assert not re.search(r"_minor|\bUSD \d|None|\{|\bkey:", said)
    assert f"/order/{order.pk}/change/" in answer.content.decode()
    assert looks() == []
    client.force_login(make_operator("kim@kvart.example", may=["view_consumer"]))
    assert "LAMP-77" not in text(client.get(page(person)))
    client.force_login(make_operator("lea@kvart.example", may=["view_order"]))
    assert client.get(page(person)).status_code == 403
