"""The fraud desk on a held order: the order is labeled with a reason, and the network of its person is drawn and told."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Consumer, Look
from checkout.models import OrderReview
from checkout.neighbors import MOST, ROW
from checkout.services.labeling import sale_of
from controls.models import AuditRow
from fraud import network
from fraud.models import Hub, Label
from fraud.network.services import put_label
from fraud.states import LabelSource, LinkKind
from tests.cast import NOW
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
MAY = ("view_orderreview", "view_order", "view_person", "view_consumer")


@pytest.fixture
def review(buy, merchant) -> OrderReview:
    return buy(merchant, 120_000, merchant_reference="LAMP-77").review


@pytest.fixture
def paul(client):
    """An approver, signed in with this test's browser."""
    user = make_operator("paul@kvart.example", name="Paul Approver", may=[*MAY, "put_label"])
    client.force_login(user)
    return user


def page(review, act="change") -> str:
    return reverse(f"admin:checkout_orderreview_{act}", args=[review.pk])


def label(client, review, word, why="The cardholder called: not their purchase."):
    return client.post(page(review, "label"), {"label": word, "why": why}, follow=True).content.decode()


def words(text: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[text.index('<div class="desk') :])))


def link(consumer, *things: str) -> None:
    """Link a person with things, each `kind:name`."""
    named = [one.split(":") for one in things]
    network.link(consumer_id=consumer.pk, things=[(LinkKind(kind), name.rjust(32, "0")) for kind, name in named], at=NOW)


def people(count: int) -> list[Consumer]:
    market = {"market_id": "US", "locale": "en", "time_zone": "America/New_York"}
    made = Consumer.objects.count()
    return [
        Consumer.objects.create(email_hash=f"near{made + n}", name=f"Near {n}", email=f"n{n}@people.example", created_at=NOW, **market)
        for n in range(count)
    ]


def test_an_order_is_labeled_once_and_the_next_label_ends_the_first(review, client, paul):
    assert "Nobody has said yet" in client.get(page(review)).content.decode()
    label(client, review, "fraud")
    text = words(label(client, review, "fraud"))
    kept = Label.objects.get()
    assert (kept.is_fraud, kept.source, kept.actor, kept.order) == (True, "desk", str(paul.pk), review.order.public_id)
    assert (kept.merchant, kept.amount_minor, kept.currency) == (review.merchant.public_id, 120_000, "USD")
    assert "Fraud Paul Approver" in text
    assert "The cardholder called: not their purchase." in text
    assert network.standing(review.order.consumer.holder_id).steps == 0
    label(client, review, "honest", "They had only forgotten.")
    kept.refresh_from_db()
    assert kept.ended_by == str(paul.pk)
    text = words(client.get(page(review)).content.decode())
    assert ("Honest Paul Approver" in text, "They had only forgotten." in text, "not their purchase" in text) == (True, True, False)
    acts = AuditRow.objects.filter(act__startswith="fraud.label", actor=str(paul.pk)).order_by("pk")
    assert [row.act for row in acts] == ["fraud.labeled_fraud", "fraud.label_ended", "fraud.labeled_honest"]
    assert all(review.order.public_id in row.about for row in acts)


def test_a_label_needs_a_reason_and_somebody_who_may(review, client, paul, operators):
    assert "This field is required" in label(client, review, "fraud", " ")
    label(client, review, "nonsense")
    assert not Label.objects.exists()
    client.force_login(operators[0])
    assert page(review, "label") not in client.get(page(review)).content.decode()
    assert "You may not do this." in label(client, review, "fraud")
    assert not Label.objects.exists()


def test_a_label_of_the_bank_is_shown_as_such_and_the_desk_may_say_otherwise(review, client, paul):
    told = {"consumer_id": review.order.consumer_id, "reason": "fraudulent", "sale": sale_of(review.order), "at": NOW}
    put_label(is_fraud=True, source=LabelSource.CHARGEBACK, actor="dispute:dsp_1", **told)
    assert "Fraud The bank, in a dispute" in words(client.get(page(review)).content.decode())
    assert "Honest Paul Approver" in words(label(client, review, "honest"))


def test_the_network_is_drawn_and_told(review, client, paul):
    me = review.order.consumer
    one, two, alone = people(3)
    link(me, "device:1", "card:1", "address:9", "phone:7")
    link(one, "device:1", "card:1", "phone:2")
    link(two, "phone:2", "email:5")
    link(alone, "address:9")
    Hub.objects.create(kind="address", key="9".rjust(32, "0"), since=NOW)
    put_label(consumer_id=two.pk, is_fraud=True, source=LabelSource.DESK, actor=str(paul.pk), reason="Forged passport", at=NOW)
    assert page(review, "network") in client.get(page(review)).content.decode()
    text = client.get(page(review, "network")).content.decode()
    said = words(text)
    assert "larger than what is shown" not in said
    assert "left out: Address." in said
    drawn, tables = text[text.index('<svg class="desk-net') :].split("</section>", 1)
    links = {f'href="/admin/accounts/consumer/{who.pk}/change/"' for who in (me, one, two)}
    assert all(address in drawn and address in tables for address in links)
    assert str(alone.pk) not in text
    assert drawn.count("<line") == 6
    shown = words(f'<div class="desk">{tables}')
    assert re.search(rf"Device 1 {me.name} , Near 0|Device 1 {me.name}, Near 0", shown), shown
    assert re.search(r"Near 1 Two steps Fraud Person · Paul Approver", shown), shown
    assert set(Look.objects.values_list("consumer_id", "page")) == {(who.pk, "held_order") for who in (me, one, two)}


def test_a_large_network_is_cut_and_costs_no_more(review, client, paul):
    me, few = review.order.consumer, people(2)
    for who in (me, *few):
        link(who, "device:1", "card:1")
    put_label(consumer_id=few[0].pk, is_fraud=False, source=LabelSource.DESK, actor=str(paul.pk), reason="Known", at=NOW)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page(review, "network")).status_code == 200
        return sum(not ("core_clockoffset" in one["sql"] or "accounts_look" in one["sql"]) for one in asked)

    count()
    before = count()
    crowd = people(MOST + 5)
    for who in crowd:
        link(who, "device:1", "card:1")
    last = max(crowd, key=lambda who: who.pk)
    put_label(consumer_id=last.pk, is_fraud=True, source=LabelSource.DESK, actor=str(paul.pk), reason="Stolen card", at=NOW)
    assert count() == before
    text = client.get(page(review, "network")).content.decode()
    assert "larger than what is shown" in text
    assert (text.count('class="desk-net-soft"'), str(last.pk) in text) == (MOST, True)
    assert f'height="{(MOST - 1) * ROW}"' in text


def test_who_may_not_see_people_sees_no_network(review, client, operators):
    link(review.order.consumer, "device:1")
    client.force_login(make_operator("vera@kvart.example", may=["view_orderreview"]))
    assert client.get(page(review, "network")).status_code == 403
    assert page(review, "network") not in client.get(page(review)).content.decode()


def test_a_network_of_one_says_so_in_danish(review, client, paul):
    text = client.get(page(review, "network"), headers={"Accept-Language": "da"}).content.decode()
    assert "Personen deler ikke noget med nogen." in text
