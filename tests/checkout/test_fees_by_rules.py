"""Rules that waive or lower what a capture costs the shop: kept with it, booked, settled, refunded, told; never above its terms."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.events import ConsumerErased
from accounts.models import Consumer
from checkout import services as checkouts
from checkout.handlers import on_consumer_erased
from checkout.models import Capture
from controls import services as controls
from controls.models import RuleCase
from controls.queries import get_rules, observed_differences
from controls.rules.sets import Place
from controls.services import ruling
from core.errors import Invalid
from merchants.models import Merchant, SettlementItem
from reports.books import check_books
from tests.operators import make_boss, make_operator
from tests.owner import unguarded
from tests.shops import AT

pytestmark = pytest.mark.django_db
KIND = "fees"
AMOUNT = 20_000


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules"])


@pytest.fixture
def paul(db):
    return make_operator("paul@kvart.example", may=["approve_rules"])


@pytest.fixture
def shop(merchant):
    """The shop, at 4 % and 30 cents a capture."""
    with unguarded():
        Merchant.objects.filter(pk=merchant.pk).update(fee_bps=400, fee_fixed_minor=30)
    merchant.refresh_from_db()
    return merchant


def rule(key="waive", value=None, when="true", **more):
    then = {"outcome": key, "reason": "start"} | ({} if value is None else {"value": value})
    return {"id": key, "name": key.title(), "when": when, "scope": {"market": "US"}, "then": then} | more


def draft(rita, *rules):
    made = controls.start_draft(kind=KIND, user=rita, at=AT)
    content = {"rules": list(rules), "examples": []}
    return controls.change_draft(kind=KIND, number=made.number, revision=0, content=content, user=rita, at=AT)


@pytest.fixture
def publish(rita, paul):
    def run(*rules):
        number = draft(rita, *rules).number
        proposal = controls.propose_rules(kind=KIND, number=number, reason="New", starts_on=None, user=rita, at=AT)
        controls.approve_proposal(proposal_id=proposal, user=paul, at=AT)
        return get_rules(KIND, number)

    return run


def sell(buy, shop, amount=AMOUNT, captured=None, email="hal+approve@people.example") -> Capture:
    order = buy.finish(buy.open(shop, amount), email).order
    return checkouts.capture_order(order_id=order.id, merchant=shop, amount_minor=captured, actor="shop", at=AT)


def test_without_a_rule_the_terms_hold_and_the_capture_is_a_case(buy, shop):
    capture = sell(buy, shop)
    assert (capture.fee_minor, capture.fee_ruled) == (830, {})
    case = RuleCase.objects.get(kind=KIND)
    assert (case.subject, case.version, case.facts["fee"], case.facts["first"]) == (capture.public_id, 0, 830, True)


def test_a_waived_fee_is_booked_settled_and_says_why(buy, shop, publish):
    version = publish(rule())
    capture = sell(buy, shop)
    kept = {"rule": "Waive", "id": "waive", "set": KIND, "version": version.number, "row": 0}
    assert (capture.fee_minor, capture.fee_ruled) == (0, {"terms_minor": 830, "rules": [kept]})
    capture.order.refresh_from_db()
    assert capture.order.fee_minor == 0
    assert SettlementItem.objects.get(source=capture.public_id).fee_minor == 0
    assert [line for check in check_books() for line in check.offenders] == []
    with pytest.raises(DatabaseError), transaction.atomic():
        Capture.objects.filter(pk=capture.pk).update(fee_ruled={})


def test_percentage_and_fixed_part_are_lowered_each_by_the_first_rule(buy, shop, publish):
    publish(rule("percent", 0.025), rule("fixed", 0.1), rule("later", priority=900) | {"then": rule("percent", 0.01)["then"]})
    capture = sell(buy, shop)
    assert (capture.fee_minor, [one["id"] for one in capture.fee_ruled["rules"]]) == (510, ["percent", "fixed"])


def test_a_rule_never_asks_for_more_than_the_terms(buy, shop, publish):
    publish(rule("percent", 0.9), rule("fixed", 50))
    assert sell(buy, shop).fee_minor == 830


def test_later_captures_have_no_fixed_part_by_rule_either(buy, shop, publish):
    publish(rule("percent", 0.03, when="!first"))
    capture = sell(buy, shop, captured=5_000)
    assert (capture.fee_minor, capture.fee_ruled) == (230, {})
    rest = checkouts.capture_order(order_id=capture.order_id, merchant=shop, amount_minor=None, actor="shop", at=AT)
    assert rest.fee_minor == 450


def test_what_comes_back_of_a_lowered_fee_is_what_was_taken(buy, shop, publish):
    publish(rule("percent", 0.02))
    with unguarded():
        Merchant.objects.filter(pk=shop.pk).update(refund_fees=True)
    shop.refresh_from_db()
    capture = sell(buy, shop)
    checkouts.refund_order(
        order_id=capture.order_id, merchant=shop, amount_minor=AMOUNT, capture_id=None, reason="Back", actor="shop", at=AT
    )
    capture.order.refresh_from_db()
    assert (capture.order.fee_minor, capture.order.fee_refunded_minor) == (430, 430)
    assert [line for check in check_books() for line in check.offenders] == []


def test_a_rule_asks_about_shop_amount_plan_and_class(buy, shop, publish):
    publish(rule(when="captured > 100.0 && shop_category == 'lamps' && plan == 'pay_in_4' && customer_loyalty == 'loyal'"))
    with unguarded():
        Merchant.objects.filter(pk=shop.pk).update(category="lamps")
    shop.refresh_from_db()
    order = buy.finish(buy.open(shop, AMOUNT), "hal+approve@people.example").order
    Consumer.objects.filter(pk=order.consumer_id).update(classes={"loyalty": "loyal"})
    assert checkouts.capture_order(order_id=order.id, merchant=shop, amount_minor=None, actor="shop", at=AT).fee_minor == 0
    assert sell(buy, shop, email="ida+approve@people.example").fee_minor == 830


@pytest.mark.parametrize(
    "bad", [rule("percent", 1.01), rule("percent", -0.1), rule("percent"), rule("fixed", 1, scope={}), rule("waive", 1)]
)
def test_faults_are_told_at_their_place(rita, bad):
    with pytest.raises(Invalid) as caught:
        draft(rita, bad)
    assert set(caught.value.fields) == {"rules.0.value"}


def test_the_case_says_the_same_again_and_another_value_is_another_answer(buy, shop, publish, rita):
    version = publish(rule("percent", 0.03))
    beside = draft(rita, rule())
    controls.observe_rules(kind=KIND, number=beside.number, user=rita, at=AT)
    sell(buy, shop)
    (case,) = observed_differences(KIND, beside.number)
    assert (case.outcome, case.observed_outcome) == ("percent:0.03", "waive")
    answer = ruling.rules_of(version).ask(case.facts, Place(case.brand, case.market, case.merchant, (), case.on), exponent=2)
    assert [ruling.kept_finding(one) for one in answer.findings] == case.findings


def test_the_orders_page_says_what_the_fee_was_and_by_which_rule(buy, shop, publish, client):
    publish(rule(when="captured < 1000.0"))
    capture = sell(buy, shop, captured=5_000)
    checkouts.capture_order(order_id=capture.order_id, merchant=shop, amount_minor=5_000, actor="shop", at=AT)
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:checkout_order_change", args=[capture.order_id])).content.decode()
    assert page.count("Rule “Waive” (version 1)") == 2
    assert "the captured amount is less than $1,000.00" in page
    assert "by the terms" in page
    differences = client.get(reverse("admin:controls_rules_version", args=[KIND, 1])).content.decode()
    assert "Waive the fee" in differences


def test_the_facts_go_with_the_person(buy, shop, publish):
    publish(rule())
    capture = sell(buy, shop)
    on_consumer_erased(ConsumerErased(consumer=capture.order.consumer.public_id), at=AT)
    assert RuleCase.objects.get(subject=capture.public_id).facts == {}
