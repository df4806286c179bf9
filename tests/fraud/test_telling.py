"""The page of a held order shows all signals with what they mean."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from checkout.models import OrderReview
from fraud import services as fraud
from fraud.models import Assessment
from fraud.telling import describe_assessment
from tests.fraud.conftest import PHONE, device, last

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(attempt, at):
    orders = [attempt(items=[PHONE], where=device("own"), at=at + timedelta(minutes=n)) for n in range(3)]
    return orders[-1]


def page_of(client, review, language="en"):
    answer = client.get(reverse("admin:checkout_orderreview_change", args=[review.pk]), headers={"Accept-Language": language})
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode().replace("\xa0", " ")))


def test_the_page_shows_what_decided_before_all_else(client, held, operators):
    client.force_login(operators[0])
    shown = page_of(client, OrderReview.objects.get())
    decided, others = shown.split("What decided")[1].split("All other signals")
    same = "The same goods, pieces and prices in the same shop; this one counts."
    assert f"Identical baskets of the person within an hour {same} 3 attempts" in decided
    assert "Pieces that are easily resold By category, or by a word of their name. 1 piece" in decided
    assert "The amount of the purchase What the purchase costs in all. $149.00" in others
    assert "The share of the limit The amount, as a share of the person" in others
    words = describe_assessment(last(), "USD")
    assert len(words.decided + words.device + words.others) == len([v for v in last().signals.values() if v != []])


def test_the_page_speaks_danish(held):
    with translation.override("da"):
        words = describe_assessment(last(), "USD")
    assert words.verdict == "Tilbagehold til to personer"
    assert [one.title for one in words.decided] == ["Stykker, der er lette at sælge videre", "Personens ens kurve inden for en time"]


def steady(taken: CaptureQueriesContext) -> int:
    """Count the queries, without those that depend on the second: the clock's, and the look that is kept once in a while."""
    return sum(not ("core_clockoffset" in one["sql"] or "accounts_look" in one["sql"]) for one in taken)


def test_the_page_takes_as_many_queries_however_much_was_bought(client, held, operators, attempt, at):
    client.force_login(operators[0])
    review = OrderReview.objects.get()
    page_of(client, review)
    with CaptureQueriesContext(connection) as few:
        page_of(client, review)
    for n in range(4):
        attempt(where=device("own"), at=at + timedelta(hours=2, minutes=n))
    with CaptureQueriesContext(connection) as many:
        page_of(client, review)
    assert steady(many) == steady(few)


def test_of_an_erased_person_the_verdict_is_left(held, at):
    fraud.erase(consumer_id=held.consumer_id, at=at)
    words = describe_assessment(Assessment.objects.get(order=held.public_id), "USD")
    assert (words.is_forgotten, words.reasons, words.verdict) == (True, ["Identical baskets"], "Hold for two people")
