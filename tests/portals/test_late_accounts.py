"""What rules let the account of a late person do: as ever by the shipped ones, by a bucket's rule, told with its reason, over once paid."""

import pytest

from accounts.models import Consumer
from checkout.services.histories import history_of
from collection import services as collection
from collection.behaving import BEHAVIORS
from collection.services.behaving import judge_account
from controls import services as controls
from controls.models import RuleCase
from controls.services.replaying import Replayed, replay_case
from controls.services.ruling import forget_rules
from controls.services.shipping import ship_rules
from core.formats import money_text
from core.money import Money
from core.relay import drain
from credit import services as credit
from credit.replaying import replay
from operations.people.behavior import behavior_of
from plans.models import Plan
from tests.operators import make_operator
from tests.plans.conftest import fees
from tests.portals.test_consumer_pages import text
from tests.portals.test_fees import late
from tests.shops import AT

__all__ = ["fees", "late"]
pytestmark = pytest.mark.django_db(transaction=True)
RULES = [("buy", None, "bucket == '1-3'"), ("factor", 0.5, "late_plans == 1"), ("tone", "firm", "days_late >= 2")]


def publish(*rules):
    rita = make_operator("rita@kvart.example", may=["propose_rules"])
    told = [
        {
            "id": f"r{n}",
            "name": f"R{n}",
            "when": when,
            "priority": n,
            "scope": {},
            "then": {"outcome": said, "value": value, "reason": "late"},
        }
        for n, (said, value, when) in enumerate(rules, 1)
    ]
    made = controls.start_draft(kind=BEHAVIORS, user=rita, at=AT)
    controls.change_draft(
        kind=BEHAVIORS, number=made.number, revision=made.revision, content={"rules": told, "examples": []}, user=rita, at=AT
    )
    key = controls.propose_rules(kind=BEHAVIORS, number=made.number, reason="New", starts_on=None, user=rita, at=AT)
    controls.approve_proposal(proposal_id=key, user=make_operator("paul@kvart.example", may=["approve_rules"]), at=AT)


def decision(order, at, reference):
    consumer = Consumer.objects.select_related("market").get(pk=order.consumer_id)
    made = credit.decide(
        consumer=consumer, reference=reference, amount=Money(5_000, "USD"), at=at, history=history_of(consumer)[0], fresh=True
    )
    assert replay(made).differences == {}
    return made


def kept(order):
    return Consumer.objects.get(pk=order.consumer_id).behavior


def test_a_late_account_does_what_rules_of_its_bucket_say_until_all_is_paid(late, client):
    order, pass_days = late
    ship_rules()
    forget_rules()
    at = pass_days(2)
    drain()
    assert (kept(order)["bucket"], kept(order)["rules"][0]["id"], "buys" in kept(order)) == ("1-3", "late-stops", False)
    refused = decision(order, at, "chk_1")
    assert (refused.outcome, refused.reasons[0]) == ("decline", "overdue_with_us")
    assert "New purchases wait until $57.25 that is late is paid." in text(client.get("/limit"))

    publish(*RULES)
    # The close of the day finds that other rules are in force.
    collection.close_days(at=at)
    drain()
    told = kept(order)
    assert (told["buys"], told["factor_bps"], told["tone"], [one["id"] for one in told["rules"]]) == (
        True,
        5_000,
        "firm",
        ["r1", "r2", "r3"],
    )
    assert [replay_case(case=case).result for case in RuleCase.objects.filter(kind=BEHAVIORS)] == [Replayed.SAME] * 2
    approved = decision(order, at, "chk_2")
    assert (approved.outcome, approved.inputs["behavior"]["factor_bps"]) == ("approve", 5_000)
    consumer = Consumer.objects.get(pk=order.consumer_id)
    assert behavior_of(consumer)["said"] == ["New purchases go on", "Part of the limit that is left: 50%", "Reminders are written: Firm"]
    for page in (text(client.get(door)) for door in ("/limit", "/home")):
        assert "You can still buy, but your limit is lower until it is paid." in page
        assert f"of your {money_text(approved.limit_minor, 'USD', 'en')} limit is in use" in page

    # Four days late is another bucket, of which no rule says that the person may buy.
    at = pass_days(4)
    collection.close_days(at=at)
    drain()
    assert (kept(order)["bucket"], kept(order).get("buys"), decision(order, at, "chk_3").outcome) == ("4-30", None, "decline")
    assert collection.close_days(at=at) == 0

    # What is paid counts at once, before any rule is asked again.
    plan = Plan.objects.select_related("consumer", "payment_method").get(pk=order.plan_id)
    collection.pay_now(consumer=plan.consumer, plan=plan, scope="next", method=plan.payment_method, actor="person", at=at)
    whole = decision(order, at, "chk_4")
    assert (whole.outcome, whole.inputs["behavior"]) == ("approve", None)
    # What was paid late takes 40 % of the limit from then on, by the rules about limits.
    assert (approved.limit_minor, whole.limit_minor) == (75_000, 90_000)
    drain()
    assert (kept(order), judge_account(consumer_id=order.consumer_id, at=at)) == ({}, {})
