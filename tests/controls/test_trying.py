"""Trials of rules on the cases of the past."""

from datetime import timedelta

import pytest

from controls import services
from controls.errors import AlreadyProposed
from controls.models import RuleCase, RuleTrial
from controls.queries import get_trial
from controls.rule_kinds import Consequence, get_rule_kind
from controls.rules.sets import Answer, Finding, Then
from controls.services import ruling, trying
from controls.warning import warnings_of
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
        "hold>": {"cases": 1, "amounts": {"USD": 1_000}, "losses": {}, "worths": {}},
        ">hold": {"cases": 4, "amounts": {"USD": 4_000}, "losses": {"USD": 250}, "worths": {}},
    }
    assert [trial.found[name] for name in ("asked", "before", "after", "other")] == [8, 1, 4, 5]
    assert sorted(one[0] for one in trial.found["cases"]) == ["ord_1", "ord_2", "ord_3", "ord_6", "ord_7"]
    assert trial.found["rules"] == {"many": 4}
    shops = trial.found["segments"]["merchant"].values()
    assert [sum(one[name] for one in shops) for name in ("asked", "after", "other")] == [8, 4, 5]


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
    assert run(trial).found["asked"] == 5


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
    assert (trial.status, trial.asked, trial.found["after"]) == ("finished", 0, 0)


def test_what_became_of_orders_is_counted(buy, merchant, at):
    from checkout.queries import losses_of
    from core.db import execute

    order = buy.finish(buy.open(merchant, 20_000, capture="automatic"), "hal+approve@people.example").order
    assert losses_of([order.pk]) == {}
    first = order.plan.installments.filter(status="scheduled").order_by("number").first()
    execute("UPDATE plans_installment SET status = 'overdue' WHERE id = %s", [first.pk])
    assert losses_of([order.pk]) == {order.pk: first.principal_minor - first.paid_principal_minor}


THEN = {
    "offers": [("withhold", "pay_in_4"), ("withhold", "monthly_12")],
    "customers": [("group", "staff"), ("risk_class", "low")],
    "limits": [("factor", 0.5), ("cap", 300)],
    "fees": [("percent", 0.01), ("waive", None)],
}
FACTS = {
    "customers": {"orders": 3},
    "limits": {"amount": 1_000, "limit": 100_000},
    "fees": {"captured": 10_000, "amount": 10_000, "fee": 500, "fee_fixed": 100},
}


@pytest.mark.parametrize(
    ("kind", "before", "moves", "worths"),
    [
        # Each plan by itself: one is left out as before, one not any more, one newly.
        (
            "offers",
            [["x", 0, "withhold", "goods", "pay_in_4"], ["x", 0, "withhold", "goods", "pay_later"]],
            ["withhold:pay_later>", ">withhold:monthly_12"],
            [],
        ),
        # Each axis by itself.
        ("customers", [["x", 0, "group", "other", "vip"]], ["group:vip>group:staff", ">risk_class:low"], []),
        ("limits", [["x", 0, "factor", "credit_record", 0.8]], ["factor:0.8>factor:0.5", ">cap:300"], [-50_000, -50_000]),
        ("fees", [], [">waive"], [-500]),
        ("fees", [["x", 0, "fixed", "other", 0.5]], ["fixed:0.5>", ">waive"], [-450, -450]),
    ],
)
def test_values_of_outcomes_are_told_apart(rita, monkeypatch, kind, before, moves, worths):
    monkeypatch.setattr(ruling, "_checked", lambda *_args: None)
    monkeypatch.setattr(type(get_rule_kind(kind)), "consequences", lambda self, subjects: {})
    monkeypatch.setattr(trying, "rules_of", lambda version: Always(version.content["then"]))
    RuleCase.objects.bulk_create([case(1, kind=kind, facts=FACTS.get(kind, {}), findings=before, groups=["staff"])])
    made = services.start_draft(kind=kind, user=rita, at=AT)
    services.change_draft(kind=kind, number=made.number, revision=0, content={"then": THEN[kind]}, user=rita, at=AT)
    found = run(services.start_trial(kind=kind, number=made.number, user=rita, at=AT)).found
    assert sorted(found["moves"]) == sorted(moves)
    assert [one["worths"]["USD"] for one in found["moves"].values() if one["worths"]] == worths
    assert found["segments"]["group"]["staff"]["moves"] == dict.fromkeys(found["moves"], 1)
    assert len(found["cases"]) == 1
    told = warnings_of(RuleTrial.objects.get(), get_rule_kind(kind))
    assert told[0] == str(get_rule_kind(kind).sweep.every)


class Always:
    """Rules of which each holds for every case."""

    def __init__(self, then):
        self.findings = tuple(Finding(f"r{number}", "", Then(outcome, "other", value)) for number, (outcome, value) in enumerate(then))

    def ask(self, *_args, **_options):
        return Answer(self.findings, ())


def test_what_never_or_always_happens_is_said_before_one_proposes(rita, losses):
    kind = get_rule_kind(KIND)

    def said(*cases, when="most_pieces > 2"):
        RuleCase.objects.all().delete()
        RuleCase.objects.bulk_create(cases)
        version = draft(rita, rule(when))
        return warnings_of(run(services.start_trial(kind=KIND, number=version.number, user=rita, at=AT)), kind)

    assert said() == ["There was no case in these months, so this trial says nothing."]
    assert said(case(1, pieces=3), case(2, pieces=3)) == ["This version would have held every order of these months."]
    assert said(case(1), case(2)) == ["This version would have held no order of these months."]
    assert said(case(1, pieces=3), case(2))[0].startswith("This version would have held 50%")
    assert said(*(case(number, pieces=3 * (number == 1)) for number in range(10))) == []
