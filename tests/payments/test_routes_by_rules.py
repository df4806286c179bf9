"""Rules that put one of several accounts with gateways first: for a new card or bank account, and for a payout; never for a kept card."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from controls import services as controls
from controls.models import RuleCase
from controls.queries import get_rules, observed_differences
from controls.rules.sets import Place
from controls.services import ruling
from core import provider_calls, providers
from core.errors import Invalid
from core.money import Money
from core.providers import Account, Capability
from payments import services as payments
from payments.models import CardSetup, Payout
from payments.ruling import ACCOUNTS, route
from tests.operators import make_boss, make_operator

pytestmark = pytest.mark.django_db
KIND = "routes"
MONEY = (Capability.CARDS, Capability.PULLS, Capability.PAYOUTS)


def account(code, priority, *, capabilities=MONEY, **more):
    return Account(code=code, provider="sandbox", capabilities=frozenset(capabilities), priority=priority, **more)


@pytest.fixture(autouse=True)
def accounts(sandbox_world):
    providers.keep([account("north", 1), account("south", 2), account("cards-only", 3, capabilities=[Capability.CARDS])])
    yield
    providers.keep([])
    providers.forget()


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules"])


@pytest.fixture
def paul(db):
    return make_operator("paul@kvart.example", may=["approve_rules"])


def rule(to="south", when="what == 'payouts'", **more):
    return {"id": to, "name": f"To {to}", "when": when, "then": {"outcome": "first", "value": to, "reason": "cost"}} | more


def draft(rita, at, *rules):
    made = controls.start_draft(kind=KIND, user=rita, at=at)
    content = {"rules": list(rules), "examples": []}
    return controls.change_draft(kind=KIND, number=made.number, revision=0, content=content, user=rita, at=at)


@pytest.fixture
def publish(rita, paul, at):
    def run(*rules):
        number = draft(rita, at, *rules).number
        proposal = controls.propose_rules(kind=KIND, number=number, reason="New", starts_on=None, user=rita, at=at)
        controls.approve_proposal(proposal_id=proposal, user=paul, at=at)
        return get_rules(KIND, number)

    return run


def pay(at, reference="set_1", minor=9_000):
    about = {"reference": reference, "owner": "mer_1", "destination": "bank_1", "market": "US"}
    return payments.open_payout(amount=Money(minor, "USD"), at=at, **about)


def visit(consumer, at, **more) -> CardSetup:
    payments.start_card_setup(consumer=consumer, return_path="/home", currency="USD", at=at, **more)
    return CardSetup.objects.latest("id")


def test_without_a_rule_the_account_of_the_smallest_priority_is_asked(at):
    payout = pay(at)
    assert (payout.gateway, payout.routed) == ("north", {})
    case = RuleCase.objects.get(kind=KIND)
    assert (case.subject, case.version, case.outcome, case.facts["usual"]) == (payout.public_id, 0, "", "north")


def test_a_rule_sends_payouts_and_the_payout_keeps_it(at, publish):
    version = publish(rule())
    payout = pay(at)
    kept = {"rule": "To south", "id": "south", "set": KIND, "version": version.number, "row": 0}
    assert (payout.gateway, payout.routed) == ("south", kept)
    case = RuleCase.objects.get(subject=payout.public_id)
    answer = ruling.rules_of(version).ask(case.facts, Place(case.brand, case.market, case.merchant, (), case.on), exponent=2)
    assert [ruling.kept_finding(one) for one in answer.findings] == case.findings == [["south", 0, "first", "cost", "south"]]
    assert payments.send_payouts(at=at) == 1
    payout.refresh_from_db()
    assert (payout.status, payout.gateway) == ("succeeded", "south")
    with pytest.raises(DatabaseError), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(routed={})


def test_a_rule_goes_by_amount_and_currency(at, publish):
    publish(rule(when="what == 'payouts' && currency == 'USD' && amount > 100.0", scope={"market": "US"}))
    assert (pay(at, minor=10_001).gateway, pay(at, "set_2", 10_000).gateway) == ("south", "north")


def test_a_rule_goes_by_how_often_calls_succeed(at, publish):
    publish(rule("cards-only", "usual_success < 0.9"))
    for error in ("", "Timeout"):
        provider_calls.note("north", ms=5, error=error)
    provider_calls.write_now()
    assert route(Capability.CARDS, subject="x", amount=Money(0, "USD"), market="US", brand="", at=at).account == "cards-only"


def test_a_new_card_goes_where_the_rule_says_and_a_kept_card_stays(consumer, at, publish):
    card = payments.add_card(consumer=consumer, number="4242424242424242", at=at)
    publish(rule(when="what == 'cards' && amount >= 50.0", scope={"market": "US"}))
    assert (visit(consumer, at).gateway, visit(consumer, at, amount_minor=4_999).gateway) == ("north", "north")
    setup = visit(consumer, at, amount_minor=5_000)
    assert (setup.gateway, setup.routed["id"]) == ("south", "south")
    card.refresh_from_db()
    assert card.gateway == "north"


def test_an_account_that_does_not_serve_there_is_not_asked(at, publish):
    publish(rule("cards-only", "currency == 'USD'"))
    payout = pay(at)
    assert (payout.gateway, payout.routed) == ("north", {})


def test_where_there_is_no_choice_no_rule_is_asked(at, publish):
    publish(rule())
    providers.keep([account("north", 1, brand="kvart")])
    assert route(Capability.PAYOUTS, subject="x", amount=Money(1, "USD"), market="US", brand="kvart", at=at).account == "north"
    assert not RuleCase.objects.filter(kind=KIND).exists()


def test_an_account_that_is_gone_leaves_its_rule_out_and_money_moves(at, publish, caplog):
    publish(rule())
    providers.keep([account("north", 1), account("east", 2)])
    ruling.forget_rules()
    assert pay(at).gateway == "north"
    assert "have faults" in caplog.text


def test_an_unknown_account_is_a_fault(rita, at):
    with pytest.raises(Invalid) as caught:
        draft(rita, at, rule("nowhere"))
    assert set(caught.value.fields) == {"rules.0.value"}


def test_another_account_is_another_answer_beside(at, publish, rita):
    publish(rule())
    beside = draft(rita, at, rule("north"))
    controls.observe_rules(kind=KIND, number=beside.number, user=rita, at=at)
    assert pay(at).gateway == "south"
    (case,) = observed_differences(KIND, beside.number)
    assert (case.outcome, case.observed_outcome) == ("first:south", "first:north")


def test_pages_say_which_rule_chose_the_gateway(at, publish, client):
    publish(rule())
    payout = pay(at)
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:payments_payout_change", args=[payout.pk])).content.decode()
    assert "Rule “To south” (version 1)" in page
    assert "what the account is for is a payout to a shop" in page
    form = client.get(reverse("admin:controls_rules_version", args=[KIND, 1])).content.decode()
    assert "Routes of money" in form
    assert ACCOUNTS["south"] == "Sandbox card gateway: south"
