"""Rules choose among agencies: the first that is named and may have a debt gets it; the placement and its case keep the rule."""

import pytest
from django.urls import reverse

from accounts.events import ConsumerErased
from collection import services as collection
from collection.agency_rules import AGENCIES
from collection.handlers import on_consumer_erased
from collection.models import Placement
from collection.services.choosing import lots_of
from controls import services as controls
from controls.models import RuleCase
from controls.rule_kinds import get_rule_kind
from core import clock
from tests.collection.test_agencies import TERMS, agency, fay
from tests.collection.test_charge_offs import OWED, given_up, lost, people
from tests.collection.test_disputes import sold
from tests.operators import make_operator
from tests.shops import AT

__all__ = ["agency", "fay", "given_up", "lost", "people", "sold"]


@pytest.fixture
def dear(given_up, fay):
    """An agency that gets nothing by share beside the fair one."""
    return collection.add_agency(user=fay, at=given_up.late, **TERMS | {"name": "Dear", "rate_bps": 6_000})


@pytest.fixture
def publish(db):
    """Put rules in force, in their order: `publish(("gets", agency, "amount > 100"), ...)`."""
    rita, paul = make_operator("rita@kvart.example", may=["propose_rules"]), make_operator("paul@kvart.example", may=["approve_rules"])
    return lambda *rules: put_in_force(rita, paul, [rule(place, *told) for place, told in enumerate(rules, 1)])


def rule(place, said, one, when):
    then = {"outcome": said, "reason": "able"} | ({"value": one.public_id} if one else {})
    return {"id": f"r{place}", "name": f"R{place}", "when": when, "priority": place, "scope": {"market": "US"}, "then": then}


def put_in_force(rita, paul, told):
    made = controls.start_draft(kind=AGENCIES, user=rita, at=AT)
    content = {"rules": told, "examples": []}
    controls.change_draft(kind=AGENCIES, number=made.number, revision=made.revision, content=content, user=rita, at=AT)
    key = controls.propose_rules(kind=AGENCIES, number=made.number, reason="New", starts_on=None, user=rita, at=AT)
    controls.approve_proposal(proposal_id=key, user=paul, at=AT)


def shares(given_up):
    return {lot.agency.name if lot.agency else "": list(lot.debts.values()) for lot in lots_of("US", given_up.late)}


def test_the_first_named_agency_that_may_have_a_debt_gets_it_and_the_rule_is_kept(
    given_up, agency, dear, fay, publish, client, monkeypatch
):
    told = {"market": "US", "user": fay, "at": given_up.late}
    publish(("gets", dear, f"usual == '{agency.public_id}' && amount > 100"), ("gets", agency, "times > 0"))
    assert shares(given_up) == {"Fair Agency": [], "Dear": [OWED]}
    monkeypatch.setattr(clock, "now", lambda: given_up.late)
    reader = make_operator("vic@kvart.example", may=["view_plan", "view_agency", "view_ruleversion", "manage_agency"])
    client.force_login(reader)
    page = client.get(reverse("admin:collection_agency_choose") + "?market=US").content.decode()
    assert "Rule “R1” (version 1)" in page
    assert collection.place_all(**told) == 1
    one, case = Placement.objects.get(), RuleCase.objects.get(kind=AGENCIES)
    assert (one.agency_id, one.ruled) == (dear.pk, {"rule": "R1", "id": "r1", "set": AGENCIES, "version": 1, "row": 0})
    told_of = ("amount", "cause", "since_days", "times", "usual", "usual_score", "market")
    assert [case.facts[name] for name in told_of] == [OWED, "uncollectible", 0, 0, agency.public_id, 100, "US"]
    assert (case.subject, case.outcome) == (one.public_id, f"gets:{dear.public_id}")
    page = client.get(get_rule_kind(AGENCIES).link(one.public_id)).content.decode()
    assert "Chosen by a rule:" in page
    assert client.get(reverse("admin:controls_rules_cases", args=[one.public_id])).status_code == 200
    # It never goes back to one that had it: the first rule names nobody who may have it now.
    collection.recall(placement_id=one.pk, user=fay, at=given_up.late)
    assert collection.place_all(**told) == 1
    again = Placement.objects.latest("id")
    assert (again.agency_id, again.ruled["id"]) == (agency.pk, "r2")
    assert RuleCase.objects.latest("at", "id").facts["before"] == dear.public_id
    on_consumer_erased(ConsumerErased(consumer=given_up.consumer.public_id), at=given_up.late)
    assert {tuple(case.facts) for case in RuleCase.objects.filter(kind=AGENCIES)} == {()}


def test_rules_keep_a_debt_off_an_agency_or_with_us_and_without_rules_shares_decide(given_up, agency, dear, fay, publish):
    assert shares(given_up) == {"Fair Agency": [OWED], "Dear": []}
    publish(("not", agency, "amount > 100"))
    assert shares(given_up) == {"Fair Agency": [], "Dear": [OWED]}
    publish(("nobody", None, "since_days < 5"), ("gets", dear, "true"))
    assert shares(given_up) == {"Fair Agency": [], "Dear": [], "": [OWED]}
    assert collection.place_all(market="US", user=fay, at=given_up.late) == 0
    publish(("gets", agency, "amount > 1000"))
    assert collection.place_all(market="US", user=fay, at=given_up.late) == 1
    assert Placement.objects.get().ruled == {}
