"""The platform's own cases of credit: which count, how they ended; a model learned from them beside the champion."""

import csv
import gzip
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Max

from checkout import services as checkouts
from checkout.cases import list_cases
from core import clock
from credit.cases import FACTS, facts_of
from learning.models import Family, ModelVersion, RoleChange
from plans.models import Installment
from reports import retraining
from reports.retraining import Source
from tests.cast import NOW
from tests.learning.conftest import few_trees, rows_of_cases

__all__ = ["few_trees"]
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
    with pytest.raises(CommandError, match="every row of bad is of one class"):
        call_command("retrain", "credit")
    assert not ModelVersion.objects.exists()


def test_a_model_is_learned_from_own_cases_and_compared_with_the_champion(few_trees, monkeypatch, capsys):
    columns = rows_of_cases(400)
    rows = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    rows[1:] = [[*row[:-1], int(row[-1])] for row in rows[1:]]
    monkeypatch.setitem(retraining.SOURCES, Family.CREDIT, Source(lambda **_how: iter(rows), None, {"late": 1, "income": -1, "gone": 1}))
    call_command("retrain", "credit")
    assert "champion" not in capsys.readouterr().out
    call_command("credit_model", "promote", "--name", "own", "--model", "challenger")
    call_command("retrain", "credit", "--name", "next")
    shown = capsys.readouterr().out
    assert ("next 1: 400 cases" in shown, "champion own 1" in shown) == (True, True)
    assert [str(one) for one in ModelVersion.objects.order_by("id")] == ["own 1", "next 1"]
    assert RoleChange.objects.get().version.name == "own"
