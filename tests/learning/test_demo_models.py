"""The demo's models: learned from made-up cases, with roles, and true to what its personas are said to get."""

from datetime import timedelta

import pytest

from checkout.cases import list_cases
from core.clock import now
from credit.models import Decision
from credit.replaying import replay
from fraud.scoring import ask_models as ask_of_fraud
from learning.queries import list_roles
from merchants.models import Merchant
from simulation import early
from simulation.risk import learning_models, made_up_attempts, made_up_cases, make_models
from tests.credit.conftest import AT, decide, person, world  # noqa: F401  (fixtures)

RING = {"address_people_30d": 6, "device_people_30d": 6, "card_people_30d": 1, "resold_pieces": 2, "network_people_30d": 6}
"""The signals of the last one of many who share an address and a device."""
pytestmark = pytest.mark.django_db


def test_made_up_cases_are_the_same_each_time_and_some_are_bad():
    first, again = list(made_up_cases(400)), list(made_up_cases(400))
    assert first == again
    assert 20 < sum(row[-1] for row in first[1:]) < 120
    assert list(made_up_attempts(50)) == list(made_up_attempts(50))


def test_the_champion_decides_the_shadow_is_asked_and_personas_get_what_is_told(person, decide):  # noqa: F811
    with learning_models() as learning:
        version, of_fraud = make_models(learning, proposer="7", approver="8", at=AT)
    roles = {role: (change.version, change.kind) for role, change in list_roles("credit").items()}
    assert roles == {"champion": (version, "scorecard"), "shadow": (version, "boosted")}
    roles = {role: (change.version, change.kind) for role, change in list_roles("fraud").items()}
    assert roles == {"champion": (of_fraud, "scorecard"), "shadow": (of_fraud, "boosted")}
    usual = {"account_days": 0, "bought_before": 0, "resold_pieces": 0, "disposable": False, "declined_1d": 0, "person_1d": 1}
    risks = [ask_of_fraud(signals, subject="chk_1")["champion"]["risk"] for signals in (usual, usual | RING)]
    assert risks[0] < 0.3 < 0.6 < risks[1]
    got = {persona: decide(person(persona), minor) for persona in ("+approve", "+decline", "+well_off") for minor in (5_000, 90_000)}
    assert {persona: (one.outcome, one.limit_minor) for persona, one in got.items()} == {
        "+approve": ("approve", 150_000),
        "+decline": ("decline", 0),
        "+well_off": ("approve", 450_000),
    }
    assert (got["+approve"].versions["model"], got["+approve"].versions["grade"]) == ("demo 1 scorecard", "A")
    assert set(got["+approve"].inputs["risk"]["said"]) == {"champion", "shadow"}
    assert [one.differences for one in map(replay, Decision.objects.all()) if one.differences] == []


def test_early_people_leave_cases_that_ended_well_and_badly(merchant, sandbox_world, monkeypatch):
    paying = iter([1.0, 0.0])
    monkeypatch.setattr(early, "PEOPLE", 2)
    monkeypatch.setattr(early, "_surely", lambda _decision: next(paying))
    at = now()
    Merchant.objects.update(created_at=at - timedelta(days=early.DAYS_BEFORE + 1))
    assert early.let_early_people_buy(merchant, at=at) == 2
    head, *cases = list_cases(at=at)
    assert [case[head.index("bad")] for case in cases] == [0, 1]
