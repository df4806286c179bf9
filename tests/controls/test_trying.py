"""Trials of rules on the cases of the past."""

from datetime import timedelta

import pytest

from controls import services
from controls.errors import AlreadyProposed
from controls.models import RuleCase, RuleTrial
from controls.queries import get_trial
from controls.rule_kinds import Consequence
from controls.rules.trials import share_after
from controls.services import trying
from tests.controls.test_ruling import KIND, draft, rule
from tests.operators import make_operator
from tests.shops import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules"])


def case(number, *, pieces=1, held=False, **more):
    given = {
        "kind": KIND,
        "subject": f"ord_{number}",
        "at": AT - timedelta(days=number % 300, minutes=number + 1),
        "brand": "kvart",
        "market": "US",
        "merchant": f"mer_{number % 3}",
        "on": (AT - timedelta(days=number % 300)).date(),
        "currency": "USD",
        "amount_minor": 1_000,
        "facts": {"most_pieces": pieces, "amount": 1_000},
        "version": 1,
        "outcome": "hold" if held else "",
    }
    return RuleCase(**given | more)


@pytest.fixture
def losses(monkeypatch):
    from checkout.ruling import OrderRules

    monkeypatch.setattr(OrderRules, "consequences", lambda self, subjects: {"ord_3": Consequence(250)})


def run(trial, at=AT):
    while RuleTrial.objects.get(id=trial.pk).status in ("waiting", "running"):
        services.run_trials(at=at)
    return get_trial(trial.pk)


def test_a_trial_counts_what_would_have_gone_another_way(rita, losses, monkeypatch):
    monkeypatch.setattr(trying, "CHUNK", 3)
    RuleCase.objects.bulk_create([case(number, pieces=1 + number % 4, held=number == 1) for number in range(8)])
    RuleCase.objects.bulk_create([case(90, at=AT - timedelta(days=400)), case(91, kind="other")])
    version = draft(rita, rule("most_pieces > 2"))
    trial = run(services.start_trial(kind=KIND, number=version.number, user=rita, at=AT))
    assert (trial.status, trial.whole, trial.asked) == ("finished", 8, 8)
    assert trial.found["moves"] == {
        ">": {"cases": 3, "amounts": {"USD": 3_000}, "losses": {}},
        "hold>": {"cases": 1, "amounts": {"USD": 1_000}, "losses": {}},
        ">hold": {"cases": 4, "amounts": {"USD": 4_000}, "losses": {"USD": 250}},
    }
    assert sorted(one[0] for one in trial.found["cases"]) == ["ord_1", "ord_2", "ord_3", "ord_6", "ord_7"]
    assert trial.found["rules"] == {"many": 4}
    assert sum(sum(moves.values()) for moves in trial.found["segments"]["merchant"].values()) == 8
    assert share_after(trial.found) == 0.5


def test_a_trial_goes_on_where_a_killed_worker_stopped(rita, losses, monkeypatch):
    monkeypatch.setattr(trying, "CHUNK", 2)
    RuleCase.objects.bulk_create([case(number) for number in range(5)])
    trial = services.start_trial(kind=KIND, number=draft(rita, rule()).number, user=rita, at=AT)
    assert trying._run_chunk(trial.pk, AT) == 2
    real = trying.add_case
    calls = []

    def dies(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*args, **kwargs)

    monkeypatch.setattr(trying, "add_case", dies)
    with pytest.raises(KeyboardInterrupt):
        services.run_trials(at=AT)
    monkeypatch.setattr(trying, "add_case", real)
    assert get_trial(trial.pk).asked == 2
    assert run(trial).found["moves"][">"]["cases"] == 5


def test_a_draft_that_changes_ends_its_trial(rita, losses):
    RuleCase.objects.bulk_create([case(1)])
    version = draft(rita, rule())
    trial = services.start_trial(kind=KIND, number=version.number, user=rita, at=AT)
    with pytest.raises(AlreadyProposed):
        services.start_trial(kind=KIND, number=version.number, user=rita, at=AT)
    services.change_draft(kind=KIND, number=version.number, revision=version.revision, content={"rules": []}, user=rita, at=AT)
    assert run(trial).status == "failed"


def test_a_trial_without_cases_ends(rita):
    trial = run(services.start_trial(kind=KIND, number=draft(rita, rule()).number, user=rita, at=AT))
    assert (trial.status, trial.asked, share_after(trial.found)) == ("finished", 0, 0)


def test_what_became_of_orders_is_counted(buy, merchant, at):
    from checkout.queries import losses_of
    from core.db import execute

    order = buy.finish(buy.open(merchant, 20_000, capture="automatic"), "hal+approve@people.example").order
    assert losses_of([order.pk]) == {}
    first = order.plan.installments.filter(status="scheduled").order_by("number").first()
    execute("UPDATE plans_installment SET status = 'overdue' WHERE id = %s", [first.pk])
    assert losses_of([order.pk]) == {order.pk: first.principal_minor - first.paid_principal_minor}
