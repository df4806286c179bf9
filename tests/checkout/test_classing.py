"""Rules classify people when something happens, and rules for orders read the classes."""

import pytest

from accounts import services as accounts
from accounts.classes import class_of, list_class_changes
from checkout.classing import CUSTOMERS, person_facts
from checkout.models import Order
from checkout.ruling import FACTS, ORDERS
from checkout.services import classify
from checkout.shipped import SHIPPED
from controls import services
from controls.models import RuleCase
from controls.queries import find_case, get_rules
from controls.rule_kinds import get_rule_kind, language_of
from controls.rules.reading import read_set
from core.clock import now
from core.relay import drain
from tests.operators import make_operator
from tests.shops import open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return open_shop(name="Nordlys Lamps")


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules", "pin_class"])


@pytest.fixture
def paul(db):
    return make_operator("paul@kvart.example", may=["approve_rules"])


def hold(kind, rita, paul, *rules):
    made = services.start_draft(kind=kind, user=rita, at=now())
    content = {"rules": list(rules), "examples": []}
    services.change_draft(kind=kind, number=made.number, revision=0, content=content, user=rita, at=now())
    key = services.propose_rules(kind=kind, number=made.number, reason="New", starts_on=None, user=rita, at=now())
    services.approve_proposal(proposal_id=key, user=paul, at=now())
    return get_rules(kind, made.number)


def gives(when="orders >= 1", axis="group", value="staff", **more):
    return {"id": "one", "name": "Buys", "when": when, "then": {"outcome": axis, "value": value, "reason": "activity"}} | more


def test_shipped_rules_are_sound():
    kind = get_rule_kind(CUSTOMERS)
    assert len(read_set(SHIPPED, kind.terms, language_of(CUSTOMERS)).rules) == len(SHIPPED["rules"])


def test_who_buys_is_classified_by_the_rule_that_holds(shop, buy, rita, paul):
    version = hold(CUSTOMERS, rita, paul, gives())
    order = Order.objects.get(pk=buy(shop, 22900).pk)
    drain()
    person = order.consumer
    person.refresh_from_db()
    change = list_class_changes(person).get()
    assert (class_of(person, "group"), change.rule_name, change.version) == ("staff", "Buys", version.number)
    case = find_case(CUSTOMERS, person.public_id)
    assert (case.facts["orders"], case.facts["bought"], case.version) == (1, 22900, version.number)


def test_of_two_rules_of_an_axis_the_first_counts(shop, buy, rita, paul):
    second = gives("true", value="standard", id="two", name="All", priority=200)
    hold(CUSTOMERS, rita, paul, gives(priority=10), second)
    order = buy(shop, 22900)
    classify(consumer_id=order.consumer_id, at=now())
    order.consumer.refresh_from_db()
    assert class_of(order.consumer, "group") == "staff"


def test_asking_again_keeps_no_case_and_no_change(shop, buy, rita, paul):
    hold(CUSTOMERS, rita, paul, gives())
    order = buy(shop, 22900)
    for _again in range(3):
        classify(consumer_id=order.consumer_id, at=now())
    assert RuleCase.objects.filter(kind=CUSTOMERS).count() == 1
    assert list_class_changes(order.consumer).count() == 1


def test_a_rule_for_a_group_holds_orders_of_that_group_alone(shop, buy, rita, paul):
    then = {"outcome": "hold", "reason": "other"}
    hold(ORDERS, rita, paul, {"id": "g", "name": "Staff", "when": "true", "then": then, "scope": {"group": "staff"}})
    free = buy(shop, 22900)
    assert free.status == "authorized"
    accounts.pin_class(consumer_id=free.consumer_id, axis="group", value="staff", reason="Works here", user=rita, at=now())
    held = buy(shop, 23900)
    assert (held.consumer_id, held.status) == (free.consumer_id, "pending_review")
    case = find_case(ORDERS, held.public_id)
    assert (case.groups, case.facts["customer_group"]) == (["staff"], "staff")


def test_rules_for_orders_ask_about_classes():
    names = {fact.name for fact in FACTS}
    assert {"customer_group", "customer_risk_class", "customer_loyalty", "customer_kind", "customer_region"} <= names


def test_facts_of_a_person_cost_the_same(shop, buy, django_assert_num_queries):
    order = buy(shop, 22900)
    person = type(order.consumer).objects.select_related("market").get(pk=order.consumer_id)
    with django_assert_num_queries(4):
        facts = person_facts(person, now())
    assert (facts["orders"], facts["plans_lost"], facts["overdue"]) == (1, 0, 0)
    assert set(facts) == {fact.name for fact in get_rule_kind(CUSTOMERS).facts}
