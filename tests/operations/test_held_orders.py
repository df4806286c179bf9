"""Held orders: found by all that their reviews say, each filter by an index, and taken as a file that counts as a look."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Look
from checkout import services as checkouts
from checkout.models import OrderReview
from core import clock
from core.db import execute, rows
from tests.cast import NOW
from tests.offer_rules import offer_rule, rule_offers
from tests.operators import make_boss, make_operator

pytestmark = pytest.mark.django_db
LIST = reverse("admin:checkout_orderreview_changelist")
EXPORT = reverse("admin:checkout_orderreview_export")


@pytest.fixture
def boss(client):
    """A browser of somebody who may see everything."""
    client.force_login(make_boss())
    return client


@pytest.fixture
def reviews(buy, merchant, operators) -> dict[str, OrderReview]:
    """Three held orders: one waits, one was approved, one rejected."""
    one, two = operators
    made = {}
    for name, amount in (("waits", 120_000), ("approved", 130_000), ("rejected", 140_000)):
        order = buy(merchant, amount, email=f"{name}+approve@people.example", merchant_reference=f"#{name}")
        made[name] = order.review
    for name, act in (("approved", checkouts.approve_review), ("rejected", checkouts.reject_review)):
        key, at = made[name].id, clock.now()
        checkouts.prepare_review(review_id=key, user=one, recommendation="approve", note="=1+1 looks fine", at=at)
        act(review_id=key, user=two, seen=1, reason=f"{name} after a “long” call", at=at)
    return {name: OrderReview.objects.get(pk=review.pk) for name, review in made.items()}


def found(client, reviews, **asked) -> set[str]:
    page = client.get(LIST, asked)
    assert page.status_code == 200
    text = page.content.decode()
    return {name for name, review in reviews.items() if f"/{review.pk}/change/" in text}


def test_a_review_keeps_what_it_is_found_by(reviews, merchant):
    review = reviews["waits"]
    assert (review.merchant, review.currency, review.amount_minor, review.held_by) == (merchant, "USD", 120_000, ["order_limit"])


def test_it_is_found_by_who_decided_when_why_where_and_for_how_much(reviews, boss, merchant, operators):
    one, two = operators
    everything, decided = {"waits", "approved", "rejected"}, {"approved", "rejected"}
    today, day = f"{clock.now():%Y-%m-%d}", f"{clock.now() + timedelta(days=1):%Y-%m-%d}"

    def when(name: str, since: str, until: str) -> dict[str, str]:
        return {f"{name}_from_0": since, f"{name}_from_1": "00:00:00", f"{name}_to_0": until, f"{name}_to_1": "00:00:00"}

    for asked, wanted in (
        ({"approved_by__id__exact": two.pk}, {"approved"}),
        ({"rejected_by__id__exact": two.pk}, {"rejected"}),
        ({"rejected_by__id__exact": one.pk}, set()),
        ({"prepared_by__id__exact": one.pk}, decided),
        ({"prepared_by__id__exact": two.pk}, set()),
        ({"currency": "USD"}, everything),
        ({"currency": "DKK"}, set()),
        (when("approved_at", today, day), {"approved"}),
        (when("rejected_at", today, day), {"rejected"}),
        (when("rejected_at", "2020-01-01", "2020-02-01"), set()),
        ({"merchant__id__exact": merchant.pk}, everything),
        ({"merchant__id__exact": one.pk}, set()),
        ({"held_by": "order_limit"}, everything),
        ({"held_by": "orders:unknown"}, set()),
        ({"reason__exact": "basket"}, set()),
        ({"amount_from": "1300", "amount_to": "1399.99"}, {"approved"}),
        ({"amount_from": "1300"}, decided),
        ({"amount_from": "1e999999", "amount_to": "many"}, set()),
        ({"said": "call REJECT"}, {"rejected"}),
        ({"said": "long"}, decided),
        ({"said": "%"}, set()),
        ({"age": "soon"}, everything),
        ({"status__exact": "waiting", "amount_to": "1200"}, {"waits"}),
    ):
        assert found(boss, reviews, **asked) == wanted, asked


def test_words_of_the_reasons_find_nothing_for_who_does_not_read_them(reviews, boss, client):
    assert found(boss, reviews, q="call") == {"approved", "rejected"}
    assert 'name="said"' in boss.get(LIST).content.decode()
    client.force_login(make_operator("vera@kvart.example", may=["view_orderreview"]))
    assert 'name="said"' not in client.get(LIST).content.decode()
    assert [found(client, reviews, q=term) for term in ("call", "nothing")] == [set(), set()]
    assert [client.get(LIST, {"said": term}).status_code for term in ("rejected", "nothing")] == [400, 400]


def test_a_list_of_old_ones_leaves_out_new_ones(reviews, boss, monkeypatch):
    at = NOW + timedelta(days=8)
    monkeypatch.setattr("checkout.admin.finding.clock.now", lambda: at)
    assert found(boss, reviews, age="7") == {"waits", "approved", "rejected"}
    assert found(boss, reviews, age="14") == set()


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ("merchant_id = gen_random_uuid()", "review_of_merchant"),
        ("currency = 'USD' AND amount_minor BETWEEN 1 AND 2", "review_by_amount"),
        ("held_by @> ARRAY['orders:x']", "review_by_rule"),
        ("reason = 'fraud_alert'", "review_by_reason"),
        ("created_at < '2020-01-01'", "review_by_age"),
        ("decided_at < '2020-01-01'", "review_decided"),
        ("prepared_by_id = gen_random_uuid()", "prepared_by"),
        ("approved_by_id = gen_random_uuid()", "approved_by"),
        ("rejected_by_id = gen_random_uuid()", "rejected_by"),
    ],
)
def test_each_filter_has_an_index(where, index):
    sql = f"SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = on; EXPLAIN SELECT id FROM checkout_orderreview WHERE {where}"
    plan = "\n".join(line for (line,) in rows(sql))
    assert index in plan, plan


def test_the_list_costs_the_same_with_more_rows(reviews, boss, buy, merchant):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            boss.get(LIST, {"amount_from": "10", "held_by": "order_limit", "age": "1"})
            boss.get(LIST)
        return len(asked)

    count()
    before = count()
    buy(merchant, 150_000, email="more+approve@people.example")
    assert count() == before


def lines(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_what_was_found_is_taken_as_a_file_and_is_a_look_at_each_person(reviews, boss, monkeypatch):
    monkeypatch.setattr("checkout.admin.exporting.BATCH", 2)
    Look.objects.all().delete()
    page = boss.get(LIST, {"amount_from": "1300", "p": f"before.{reviews['rejected'].pk}"}).content.decode()
    assert f'href="{EXPORT}?amount_from=1300"' in page
    head, *told = lines(boss.get(EXPORT, {"amount_from": "1300"}))
    cells = [dict(zip(head, line, strict=True)) for line in told]
    assert [one["Reference"] for one in cells] == ["#rejected", "#approved"]
    first = cells[0]
    assert (first["Amount"], first["Currency"], first["Status"], first["Approved by"]) == ("1400.00", "USD", "Rejected", "")
    assert (first["What was found"], first["Reason"]) == ("'=1+1 looks fine", "rejected after a “long” call")
    assert first["Rejected"].startswith(f"{reviews['rejected'].decided_at:%Y-%m-%d}")
    people = {reviews[name].order.consumer_id for name in ("approved", "rejected")}
    assert set(Look.objects.values_list("consumer_id", "page")) == {(key, "held_order") for key in people}
    assert len(lines(boss.get(EXPORT))) == 4


def test_the_file_costs_two_statements_a_batch(reviews, boss):
    with CaptureQueriesContext(connection) as asked:
        lines(boss.get(EXPORT))
    of_people = [one for one in asked.captured_queries if "checkout_orderreview" in one["sql"]]
    assert len(of_people) <= 3


def test_who_only_views_takes_no_file(reviews, client):
    client.force_login(make_operator("vera@kvart.example", may=["view_orderreview"]))
    assert EXPORT not in client.get(LIST).content.decode()
    before = Look.objects.count()
    assert client.get(EXPORT).status_code == 403
    assert Look.objects.count() == before


def similar(client, review) -> dict[str, list[str]]:
    """Return the rows of the table of similar orders by their first cell, each with its figures."""
    text = client.get(reverse("admin:checkout_orderreview_change", args=[review.pk])).content.decode()
    table = text.split("Similar held orders")[1].split("</table>")[0]
    told = [re.findall(r">([^<>]+)</(?:a|td)>", row) for row in table.split("<tr>")[2:]]
    return {title: figures for title, *figures in told}


def test_the_page_says_what_became_of_similar_orders(reviews, boss, buy, merchant, monkeypatch):
    same = {key: ["1", "1", "0"] for key in ("The same rule", "The same shop", "About the same amount", "All three")}
    assert similar(boss, reviews["waits"]) == same
    order = reviews["approved"].order
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="key:test", at=clock.now())
    late = order.plan.installments.order_by("number").last()
    execute("UPDATE plans_installment SET status = 'overdue' WHERE id = %s", [late.pk])
    assert similar(boss, reviews["waits"])["All three"] == ["1", "1", "1"]
    monkeypatch.setattr("checkout.similar.NEAR", 10)
    found = similar(boss, buy(merchant, 150_000, email="dear+approve@people.example").review)
    assert (found["The same rule"], found["About the same amount"]) == (["1", "1", "1"], ["0", "1", "0"])
    assert found["All three"] == ["0", "1", "0"]
    monkeypatch.setattr("checkout.similar.NEWEST", 1)
    assert similar(boss, reviews["waits"])["The same rule"] == ["0", "1", "0"]


def test_the_page_costs_the_same_with_more_similar_orders(reviews, boss, buy, merchant, operators):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            similar(boss, reviews["waits"])
        return len(asked)

    count()
    before, (one, two) = count(), operators
    more = buy(merchant, 125_000, email="more+approve@people.example").review
    checkouts.prepare_review(review_id=more.id, user=one, recommendation="approve", note="Fine", at=clock.now())
    checkouts.approve_review(review_id=more.id, user=two, seen=1, reason="Known", at=clock.now())
    assert count() == before


def test_the_page_of_a_held_order_tells_its_deposit_and_what_is_lent(buy, merchant, boss):
    rule_offers(offer_rule("deposit", 0.2, key="A fifth first"))
    order = buy(merchant, 150_000, product="monthly_6")
    page = reverse("admin:checkout_orderreview_change", args=[order.review.pk])
    text = " ".join(re.sub(r"<[^>]+>", " ", boss.get(page).content.decode()).split())
    assert re.search(r"Deposit \$300\.00 Held on the card · Rule “A fifth first” \(version \d+\) Lent \$1,200\.00 Order limit", text)
    assert re.search(r"Payments, if approved \S+ \S+ \S+ \d{4} Deposit \$300\.00", text), text
