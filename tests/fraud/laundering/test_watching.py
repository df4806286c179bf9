"""People who buy, pay and are refunded are watched by a worker, and each rule tells the desk once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Consumer
from checkout import services as checkouts
from checkout.services import watch
from checkout.services.watching import behavior_of
from collection import services as collection
from controls.models import RuleCase
from controls.rule_kinds import get_rule_kind
from core.db import execute
from core.relay import drain
from fraud.laundering.ruling import LAUNDERING
from fraud.laundering.services import forget_behavior
from fraud.models import LaunderingAlert
from tests.fraud.conftest import device
from tests.fraud.laundering.conftest import refunded, rules_of
from tests.lines import set_limit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def goods(minor):
    return ({"name": "Lamp", "quantity": 1, "unit_amount": minor, "amount": minor},)


@pytest.fixture
def many(attempt, shipped, at):
    """Anna's seven orders of some 95 dollars in one week."""
    orders = [attempt(items=goods(9_400 + 40 * day), at=at + day * DAY / 2) for day in range(7)]
    line = orders[0].consumer.credit_lines.get()
    set_limit(line, 100_000)
    return orders


def person_of(order):
    return Consumer.objects.select_related("market").get(pk=order.consumer_id)


def test_many_orders_below_a_threshold_are_told_to_the_desk_by_the_worker(many, at):
    assert not LaunderingAlert.objects.exists()
    drain()
    alert = LaunderingAlert.objects.get()
    assert (alert.consumer_id, alert.rule, alert.reason, alert.status) == (many[0].consumer_id, "structuring", "structuring", "open")
    assert (alert.facts["alike_7d"], alert.facts["alike_top_7d"], alert.currency) == (7, 9_640, "USD")
    assert set(alert.facts) == {fact.name for fact in get_rule_kind(LAUNDERING).facts}


def test_a_rule_tells_the_desk_once_in_its_window(many, at):
    person = many[0].consumer_id
    later = at + 4 * DAY
    assert [one.rule for one in watch(consumer_id=person, at=later)] == ["structuring"]
    assert watch(consumer_id=person, at=later) == []
    assert RuleCase.objects.filter(kind=LAUNDERING).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        LaunderingAlert.objects.bulk_create([LaunderingAlert(consumer_id=person, rule="structuring", version=1, facts={}, raised_at=at)])


def test_an_ordinary_customer_raises_nothing(attempt, shipped, at):
    order = refunded(attempt(at=at), at, share=4)
    attempt(at=at + 9 * DAY)
    drain()
    assert (rules_of(), RuleCase.objects.filter(kind=LAUNDERING).exists()) == ([], True)
    assert behavior_of(person_of(order), at + 9 * DAY)["elsewhere_90d"] == 0


def test_linked_people_who_buy_and_are_refunded_at_one_shop(attempt, shipped, at):
    ring = device("ring")
    people = [attempt(f"p{n}+approve@people.example", items=goods(20_000 + 900 * n), where=ring, at=at) for n in range(3)]
    apart = attempt("apart+approve@people.example", where=device("apart"), at=at)
    for order in (*people, apart):
        refunded(order, at)
    second = refunded(attempt("p0+approve@people.example", items=goods(31_000), where=ring, at=at + 2 * DAY), at + 2 * DAY)
    drain()
    assert rules_of() == rules_of(second.consumer) == ["linked-cycles"]
    facts = behavior_of(person_of(second), at + 4 * DAY)
    assert (facts["cycles_90d"], facts["linked_people_90d"], facts["linked_cycles_90d"]) == (2, 2, 4)
    assert behavior_of(person_of(apart), at + 4 * DAY)["linked_people_90d"] == 0


def test_what_is_paid_long_before_it_is_due_counts(attempt, at):
    order = attempt(items=goods(40_000), at=at)
    checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=None, actor="shop", at=at)
    assert behavior_of(person_of(order), at + DAY)["paid_ahead_30d"] in {None, 0}
    plan, card = order.plan, order.consumer.payment_methods.get()
    collection.pay_now(consumer=order.consumer, plan=plan, scope="all", method=card, actor="anna", at=at + DAY)
    assert behavior_of(person_of(order), at + 2 * DAY)["paid_ahead_30d"] >= 0.75


def test_behavior_takes_as_many_queries_however_much_was_bought(attempt, at, django_assert_num_queries):
    ring = device("ring")
    for n in range(4):
        refunded(attempt(items=goods(10_000 + 1_500 * n), where=ring, at=at + n * DAY), at + n * DAY)
    person = person_of(attempt("other+approve@people.example", where=ring, at=at))
    other = person_of(refunded(attempt(where=ring, items=goods(21_000), at=at + 9 * DAY), at + 9 * DAY))
    with django_assert_num_queries(2):
        behavior_of(person, at + 10 * DAY)
    with django_assert_num_queries(5):
        behavior_of(other, at + 10 * DAY)


def test_who_is_erased_is_asked_about_no_more_and_the_alert_stays(many, at):
    person = many[0].consumer
    watch(consumer_id=person.pk, at=at + 4 * DAY)
    forget_behavior(consumer_id=person.pk, at=at + 5 * DAY)
    assert RuleCase.objects.get(kind=LAUNDERING).facts == {}
    assert LaunderingAlert.objects.get().facts["alike_7d"] == 7
    execute("UPDATE accounts_consumer SET email_hash = %s WHERE id = %s", [person.erased_hash, person.pk])
    assert watch(consumer_id=person.pk, at=at + 40 * DAY) == []


OLD = """
    INSERT INTO fraud_launderingalert (id, consumer_id, rule, rule_name, reason, version, facts, currency, status, decision, raised_at)
    VALUES (gen_random_uuid(), %s, %s, '', '', 1, '{}', 'USD', 'open', '', now() - %s * interval '1 day')"""
DECIDED = "UPDATE fraud_launderingalert SET status = 'cleared', decided_by_id = %s, decided_at = now() WHERE rule <> 'open'"


def test_alerts_are_kept_for_five_years(attempt, at, operators):
    order = attempt(at=at)
    for rule, days in (("young", 1_820), ("old", 1_830), ("open", 3_000)):
        execute(OLD, [order.consumer_id, rule, days])
    execute(DECIDED, [operators[0].pk])
    for text in ("DELETE FROM fraud_launderingalert", "UPDATE fraud_launderingalert SET rule = 'x'"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            execute(text)
    execute("SELECT public.forget_laundering_alerts('infinity', 1000)")
    assert rules_of() == ["open", "young"]
