"""Every kind of rules: what was found names rule, set and version, and is found again from what is stored."""

import pytest
from django.urls import reverse

from controls import services
from controls.models import RuleCase
from controls.rule_kinds import get_rule_kind, list_rule_kinds
from controls.rules.facts import FactType
from controls.rules.sets import Place
from controls.services import Replayed, replay_case
from core.clock import now
from core.ids import uuid7
from core.money import Money
from tests.controls.test_every_kind import KINDS, number_of, rule_of
from tests.controls.test_replacing import sign_in
from tests.operators import make_operator

pytestmark = pytest.mark.django_db


def put(kind, *rules) -> int:
    user, other = (make_operator(f"{uuid7()}@kvart.example", may=[may]) for may in ("propose_rules", "approve_rules"))
    number = services.start_draft(kind=kind.name, user=user, at=now()).number
    told = {"content": {"rules": list(rules)}, "revision": 0}
    services.change_draft(kind=kind.name, number=number, user=user, at=now(), **told)
    made = services.propose_rules(kind=kind.name, number=number, reason="agreed", starts_on=None, user=user, at=now())
    services.approve_proposal(proposal_id=made, user=other, at=now())
    return number


def ask(kind) -> RuleCase:
    facts = {fact.name: fact.example for fact in kind.facts}
    place = Place("kvart", "US", "mer_1", ("staff",), now().date())
    services.ask_rules(kind=kind.name, subject="one", facts=facts, place=place, amount=Money(1_000, "USD"), at=now())
    return RuleCase.objects.filter(kind=kind.name).latest("at")


@pytest.mark.parametrize("name", KINDS)
def test_what_was_found_is_found_again_by_the_version_of_then(name):
    kind = get_rule_kind(name)
    zero = "0" if kind.terms.facts[number_of(kind)].type == FactType.WHOLE else "0.0"
    number = put(kind, rule_of(kind, f"{number_of(kind)} >= {zero}", "first"), rule_of(kind, key="second"))
    case = ask(kind)
    put(kind)
    case.refresh_from_db()
    replay = replay_case(case=case)
    assert (case.version, [one.rule for one in replay.findings], replay.result) == (number, ["first", "second"], Replayed.SAME)
    assert kind.gravest_kept(case.findings) == case.outcome
    case.findings = case.findings[:1]
    assert replay_case(case=case).result == Replayed.OTHER
    services.clear_cases(kind=name, subjects=["one"], at=now())
    case.refresh_from_db()
    assert replay_case(case=case).result == Replayed.ERASED
    assert replay_case(case=RuleCase(kind=name, version=0)).result == Replayed.NO_RULES


def test_it_is_seen_in_the_back_office_and_of_money_laundering_by_its_desk_alone():
    for kind in list_rule_kinds():
        put(kind, rule_of(kind))
        ask(kind)
    page = reverse("admin:controls_rules_cases", args=["one"])
    text = sign_in(make_operator("vera@kvart.example", may=["view_ruleversion"])).get(page).content.decode()
    assert (text.count("Asked again: the same"), text.count("Rule “one”")) == (len(KINDS) - 1, len(KINDS) - 1)
    assert "Money laundering" not in text
    assert sign_in(make_operator("eve@kvart.example", may=["view_order"])).get(page).status_code == 403
