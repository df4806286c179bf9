"""Rules that leave plans out of a person's offer."""

import pytest
from django.urls import reverse

from checkout.models import Checkout
from checkout.quoting import checkout_quotes
from controls import services
from controls.errors import OnePerson
from controls.models import RuleCase
from core.errors import Invalid
from plans.errors import NotOffered
from tests.operators import make_boss, make_operator
from tests.shops import AT

pytestmark = pytest.mark.django_db
KIND = "offers"
SOMEBODY = "hal+approve@people.example"


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules", "approve_rules"])


@pytest.fixture
def paul(db):
    return make_operator("paul@kvart.example", may=["approve_rules"])


def leave_out(rita, *plans, when="most_pieces > 0"):
    """Propose rules that leave out plans."""
    rules = [
        {"id": plan, "name": f"No {plan}", "when": when, "then": {"outcome": "withhold", "value": plan, "reason": "goods"}}
        for plan in plans
    ]
    made = services.start_draft(kind=KIND, user=rita, at=AT)
    services.change_draft(kind=KIND, number=made.number, revision=0, content={"rules": rules, "examples": []}, user=rita, at=AT)
    return services.propose_rules(kind=KIND, number=made.number, reason="New", starts_on=None, user=rita, at=AT)


def publish(rita, paul, *plans, **how):
    services.approve_proposal(proposal_id=leave_out(rita, *plans, **how), user=paul, at=AT)


def approved(buy, merchant, amount=20_000) -> Checkout:
    """Open a checkout and stop before the last click: its person has bought it with a card that is declined."""
    checkout = buy.open(merchant, amount)
    buy.finish(checkout, SOMEBODY, card="4000000000000002")
    return Checkout.objects.get(pk=checkout.pk)


def codes(checkout) -> set[str]:
    return {quote.product.code for quote in checkout_quotes(checkout, AT)}


def test_a_plan_that_a_rule_leaves_out_is_not_offered_and_cannot_be_chosen(buy, merchant, rita, paul):
    every = codes(approved(buy, merchant))
    publish(rita, paul, "pay_in_4")
    checkout = approved(buy, merchant)
    assert codes(checkout) == every - {"pay_in_4"}
    assert checkout.withheld == {"pay_in_4": {"rule": "No pay_in_4", "id": "pay_in_4", "set": KIND, "version": 1, "row": 0}}
    with pytest.raises(NotOffered):
        buy.finish(buy.open(merchant, 20_000), SOMEBODY, "pay_in_4")
    assert buy.finish(buy.open(merchant, 20_000), SOMEBODY, next(iter(every - {"pay_in_4"}))).order is not None


def test_what_was_shown_stays_when_a_rule_begins_later(buy, merchant, rita, paul):
    checkout = approved(buy, merchant)
    publish(rita, paul, "pay_in_4")
    assert "pay_in_4" in codes(checkout)


def test_each_approved_checkout_is_a_case(buy, merchant, rita, paul):
    publish(rita, paul, "pay_in_4", when="most_pieces > 9")
    checkout = approved(buy, merchant)
    case = RuleCase.objects.get(kind=KIND)
    assert (case.subject, case.version, case.outcome, case.facts["amount"]) == (checkout.public_id, 1, "", 20_000)
    assert not {"plan", "first_payment"} & case.facts.keys()


def test_a_plan_that_is_nowhere_offered_is_a_fault(rita):
    with pytest.raises(Invalid):
        leave_out(rita, "pay_in_99")


def test_nobody_agrees_to_their_own_rules(rita):
    proposal = leave_out(rita, "pay_in_4")
    with pytest.raises(OnePerson):
        services.approve_proposal(proposal_id=proposal, user=rita, at=AT)


def test_the_checkouts_page_says_which_plans_were_left_out(buy, merchant, rita, paul, client):
    publish(rita, paul, "pay_in_4")
    checkout = approved(buy, merchant)
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:checkout_checkout_change", args=[checkout.pk])).content.decode()
    assert "was not offered" in page
    assert "Rule “No pay_in_4” (version 1)" in page
