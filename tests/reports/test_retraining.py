"""The platform's own cases of credit: which count, how they ended; a model learned from them beside the champion."""

import csv
import gzip
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Max
from django.urls import reverse

from checkout import services as checkouts
from checkout.cases import list_cases
from controls.models import Proposal
from core import clock
from credit.cases import FACTS, facts_of
from learning import training
from learning.errors import BadTable
from learning.models import Family, ModelVersion, RoleChange, Suggestion
from learning.services import begin_suggestion
from plans.models import Installment
from reports import retraining
from reports.retraining import Retrained, Source
from tests.cast import NOW
from tests.learning.conftest import few_trees, of_cases, rows_of_cases
from tests.operators import make_operator
from tests.portals.reading import text_of

__all__ = ["few_trees", "of_cases"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(buy, merchant):
    """Three purchases, captured at once; the first installment of each is paid."""
    made = [buy(merchant, 10_000 + number, email=f"p{number}+approve@people.example") for number in range(3)]
    for order in made:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
    return made


def settle(order, *, late: int) -> None:
    """Have a plan's open installments paid so many days after their due dates."""
    for one in Installment.objects.filter(plan=order.plan_id, paid_at=None):
        paid = datetime.combine(one.due_date, time(12), UTC) + timedelta(days=late)
        amounts = {"paid_principal_minor": F("principal_minor"), "paid_interest_minor": F("interest_minor")}
        Installment.objects.filter(pk=one.pk).update(status="paid", paid_at=paid, **amounts)


def ended(at, **how) -> list[int]:
    """Whether each ended case was bad, in the order of the decisions."""
    heads, *rows = list_cases(at=at, **how)
    assert heads == [*FACTS, "decided_on", "bad"]
    return [row[-1] for row in rows]


def test_a_plan_has_ended_when_its_last_payment_was_due_long_ago(orders):
    settle(orders[0], late=0)
    settle(orders[1], late=31)
    last = Installment.objects.aggregate(last=Max("due_date"))["last"]
    over = datetime.combine(last, time(), UTC) + timedelta(days=31)
    # Of the paid ones nothing counts before the others of their day are known as well.
    assert ended(over - timedelta(seconds=1)) == []
    assert ended(over) == [0, 1, 1]
    assert ended(over, since=NOW + timedelta(days=1)) == []


def test_facts_are_ratios_and_say_when_the_bureau_said_nothing():
    history = {"paid_on_time": 3, "paid_late": 1, "overdue_now": 0}
    told = {"amount_minor": 12_345, "used_minor": 0, "history": history, "bureau": None}
    assert facts_of(told)["amount_to_income"] is facts_of(told)["bureau_score"] is None
    bureau = {"score": 700, "thin": False, "disposable_income_minor": 100_000}
    found = facts_of(told | {"bureau": bureau})
    assert (found["amount_to_income"], found["used_to_income"], found["thin_file"], found["paid_late"]) == ("0.1234", "0.0000", 0, 1)


def test_own_cases_become_a_table_and_are_noted(orders, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=200))
    call_command("credit_cases", str(tmp_path / "cases.csv.gz"))
    assert capsys.readouterr().out.strip() == "3 cases, 3 of them bad"
    with gzip.open(tmp_path / "cases.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["decided_on"] for row in rows} == {NOW.date().isoformat()}
    assert not {"consumer", "reference", "limit_minor", "score"} & rows[0].keys()
    told = r"^3 credit cases have ended, 3 of them badly: at least 20 bad and 20 good ones are needed to learn from$"
    for command in (("retrain", "credit"), ("credit_model", "retrain")):
        with pytest.raises(CommandError, match=told):
            call_command(*command)
    with pytest.raises(CommandError, match=r"^3 fraud cases have ended, 0 of them badly: at least 20 bad"):
        call_command("fraud_model", "retrain")
    assert not ModelVersion.objects.exists()


def test_a_model_is_learned_from_own_cases_and_compared_with_the_champion(few_trees, of_cases, monkeypatch, capsys):
    rows = made_up(300)
    monkeypatch.setitem(retraining.SOURCES, Family.CREDIT, Source(lambda **_how: iter(rows), None, {"late": 1, "income": -1, "gone": 1}))
    done, train = [], training.train
    monkeypatch.setattr(training, "train", lambda *args, **how: done.append(train(*args, **how)) or done[0])
    call_command("retrain", "credit")
    assert "champion" not in capsys.readouterr().out
    call_command("credit_model", "promote", "--name", "own", "--model", "challenger")
    # The second training would find the same: it is not done again.
    monkeypatch.setattr(training, "train", lambda *_args, **_how: done[0])
    call_command("retrain", "credit", "--name", "next")
    shown = capsys.readouterr().out
    assert ("next 1: 300 cases" in shown, "champion own 1" in shown) == (True, True)
    assert [str(one) for one in ModelVersion.objects.order_by("id")] == ["own 1", "next 1"]
    assert RoleChange.objects.get().version.name == "own"


def made_up(rows: int) -> list[list]:
    """A row of names, then made-up cases."""
    columns = rows_of_cases(rows)
    return [list(columns), *([*row[:-1], int(row[-1])] for row in zip(*columns.values(), strict=True))]


@pytest.fixture
def learned(monkeypatch):
    """What a training of credit finds, without the training: `learned.append((auc, champion's auc))`; nothing left means few cases."""
    found: list[tuple[float, float]] = []

    def learn(*, family: str, at, actor: str, least: int) -> Retrained:
        if family != Family.CREDIT or not found:
            raise BadTable("too_few", "few")
        new, old = found.pop()
        kept = {"stored": b"", "stored_digest": "x", "flat": b"", "flat_digest": "x", "lineage": {}, "card": {"figures": {}}}
        version = ModelVersion.objects.create(
            family=family, name="own", version=at.toordinal(), code="x", made_by=actor, made_at=at, **kept
        )
        rest = {"ks": 0.5, "brier": 0.1, "ece": 0.01}
        champion = ("old 1", {"auc": old, **rest}) if old else ("", {})
        return Retrained(version, 400, 100, {"scorecard": {"auc": 0.6, **rest}, "boosted": {"auc": new, **rest}}, *champion)

    monkeypatch.setattr(retraining, "retrain", learn)
    return found


def test_the_machine_learns_once_a_month_and_two_people_put_it_to_work(learned, client):
    learned.append((0.8, 0.7))
    rita, paul = make_operator("rita@kvart.example", may=["propose_rules"]), make_operator("paul@kvart.example", may=["approve_rules"])
    assert (retraining.suggest_models(at=NOW), retraining.suggest_models(at=NOW + timedelta(days=29))) == (3, 0)
    version = ModelVersion.objects.get()
    assert dict(Suggestion.objects.values_list("family", "outcome")) == {"credit": "suggested", "fraud": "few", "reminder": "few"}
    assert not Proposal.objects.exists()
    client.force_login(paul)
    page = reverse("admin:learning_modelversion_change", args=[version.pk])
    assert ("Learned anew, and better" in text_of(client.get(page)), "Propose it as champion" in text_of(client.get(page))) == (True, False)
    assert client.post(page, {"act": "propose", "once": "p"}).status_code == 403
    client.force_login(rita)
    assert "is better. Two people may put it to work." in text_of(client.get(reverse("admin:index")))
    client.post(page, {"act": "propose", "once": "k"})
    made = Proposal.objects.get()
    assert (made.subject, made.after["version"], made.status) == ("credit:champion", version.public_id, "proposed")
    assert made.after["model"] == "boosted"
    assert "400 of our own cases, 100 of them bad" in made.evidence
    assert "Champion: old 1, AUC 0.7000, KS 0.5000" in made.evidence
    assert not RoleChange.objects.exists()
    assert "is better. Two people may put it to work." in text_of(client.get(reverse("admin:learning_modelversion_changelist")))
    assert Suggestion.objects.get(family="credit").closed_by == str(rita.pk)
    assert "Propose it as champion" not in text_of(client.get(page))


def test_what_is_no_better_or_fails_is_not_suggested(learned, monkeypatch, client):
    learned += [(0.9, 0.0), (0.703, 0.7), (0.705, 0.7)]
    for month in range(3):
        retraining.suggest_models(at=NOW + timedelta(days=30 * month))
    monkeypatch.setattr(retraining, "retrain", lambda **_how: 1 / 0)
    retraining.suggest_models(at=NOW + timedelta(days=90))
    assert list(Suggestion.objects.filter(family="credit").order_by("at").values_list("outcome", "is_open")) == [
        ("suggested", False),
        ("no_better", False),
        ("suggested", False),
        ("failed", False),
    ]


def test_a_suggestion_is_let_be_and_one_that_broke_off_holds_up_the_next_for_hours(learned, client):
    learned.append((0.8, 0.7))
    retraining.suggest_models(at=NOW)
    version = ModelVersion.objects.get()
    client.force_login(rita := make_operator("rita@kvart.example", may=["propose_rules"]))
    client.post(reverse("admin:learning_modelversion_change", args=[version.pk]), {"act": "let_be", "once": "k"})
    one = Suggestion.objects.get(family="credit")
    assert (one.is_open, one.closed_by, Proposal.objects.count()) == (False, str(rita.pk), 0)
    month = timedelta(days=30)
    assert begin_suggestion(family="credit", apart=month, at=NOW + month) is not None
    assert begin_suggestion(family="credit", apart=month, at=NOW + month + timedelta(hours=5)) is None
    assert begin_suggestion(family="credit", apart=month, at=NOW + month + timedelta(hours=7)) is not None
