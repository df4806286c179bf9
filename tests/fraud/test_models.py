"""Models of fraud: asked at each attempt, told beside its signals, and trained on the product's own cases."""

import csv
import gzip
from datetime import timedelta

import pytest
from django.core.management import call_command

from core import clock
from fraud import scoring
from fraud.cases import COLUMNS
from fraud.models import Assessment
from fraud.network.services import put_label
from fraud.scoring import ask_models
from fraud.states import LabelSource
from fraud.telling import describe_assessment
from learning.models import ModelVersion, RoleChange
from learning.queries import scorer_of
from tests.cast import NOW
from tests.fraud.conftest import PHONE, device, last
from tests.learning.conftest import few_trees, write

__all__ = ["few_trees"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def trained(tmp_path, few_trees):
    """Train `name` on made-up attempts: those with many pieces that are easily resold are fraud."""

    def train(name: str) -> ModelVersion:
        rows = range(400)
        columns = {
            "resold_pieces": [str(row % 8) for row in rows],
            "account_days": [str(row * 7 % 300) for row in rows],
            "new_device": [str(row % 2) for row in rows],
            "bad": [str(int(row % 8 >= 5 or row % 40 == 0)) for row in rows],
        }
        call_command("fraud_model", "train", "--data", str(write(tmp_path / f"{name}.csv", columns)), "--target", "bad", "--name", name)
        return ModelVersion.objects.get(name=name)

    return train


def give(name: str, role: str = "champion", share: int = 100) -> None:
    call_command("fraud_model", "promote", "--name", name, "--role", role, "--model", "challenger", "--share", str(share))
    scoring.roles_of_fraud.forget()


def test_without_a_model_nothing_is_said_and_nothing_is_asked(django_assert_num_queries):
    scoring.roles_of_fraud.forget()
    ask_models({"resold_pieces": 7}, subject="chk_a")
    with django_assert_num_queries(0):
        assert ask_models({"resold_pieces": 7}, subject="chk_a") == {}


def test_the_champion_gives_the_risk_and_names_what_raises_it(trained, django_assert_num_queries):
    version = trained("own")
    give("own")
    high = ask_models({"resold_pieces": 7, "account_days": 40, "new_device": True, "categories": ["phones"]}, subject="chk_a")
    with django_assert_num_queries(0):
        low = ask_models({"resold_pieces": 1, "account_days": 40, "new_device": True}, subject="chk_a")
    assert high["decides"] == "champion"
    assert low["champion"]["risk"] < 0.3 < 0.6 < high["champion"]["risk"]
    assert (high["champion"]["version"], high["champion"]["kind"]) == (str(version), "boosted")
    assert high["champion"]["reasons"][0][0] == "resold_pieces"


def test_a_yes_is_told_to_the_model_as_it_was_trained(trained):
    version = trained("own")
    give("own")
    said = ask_models({"resold_pieces": 5, "account_days": 40, "new_device": True}, subject="chk_a")["champion"]["risk"]
    odds, _reasons = scorer_of(version.pk).explain({"resold_pieces": 5, "account_days": 40, "new_device": 1})["boosted"]
    assert said == pytest.approx(1 / (1 + 2.718281828459045**-odds), abs=1e-6)


def test_a_challenger_decides_its_share_and_a_shadow_nothing(trained):
    for name, role in (("own", "champion"), ("other", "challenger"), ("third", "shadow")):
        trained(name)
        give(name, role, share=30)
    said = [ask_models({"resold_pieces": 7}, subject=f"chk_{number}") for number in range(300)]
    by_challenger = sum(one["decides"] == "challenger" for one in said)
    assert 60 <= by_challenger <= 120
    assert {one["decides"] for one in said} == {"champion", "challenger"}
    assert all(one.keys() == {"champion", "challenger", "shadow", "decides"} for one in said)
    assert ask_models({}, subject="chk_7")["decides"] == said[7]["decides"]


def test_an_attempt_keeps_what_models_said_and_a_rule_holds_it(attempt, trained):
    trained("own")
    give("own")
    order = attempt("ida+approve@people.example", items=[PHONE | {"quantity": 7, "amount": 7 * 14_900}], product="pay_in_30")
    kept = last()
    assert kept.signals["model_risk"] == kept.scores["champion"]["risk"] > 0.6
    assert order.status == "pending_review"
    assert {"model", "reseller"} <= {cause["facts"].get("id") for cause in order.review.causes}
    (words,) = describe_assessment(kept, order.currency).models
    assert (words.role, words.version, words.decides) == ("Champion", "own 1", True)
    assert words.reasons[0] == "pieces that are easily resold"


def test_roles_that_are_taken_back_are_asked_no_more(trained):
    for name in ("own", "other"):
        trained(name)
        give(name)
    call_command("fraud_model", "rollback")
    scoring.roles_of_fraud.forget()
    assert ask_models({}, subject="chk_a")["champion"]["version"] == "own 1"
    assert RoleChange.objects.count() == 3


def read(path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_own_cases_become_a_table_to_train_on(attempt, tmp_path, monkeypatch, capsys):
    def label(order, is_fraud: bool) -> None:
        put_label(consumer_id=order.consumer_id, is_fraud=is_fraud, source=LabelSource.DESK, actor="operator-1", reason="Looked at", at=NOW)

    for number, is_fraud in enumerate((True, False, None)):
        order = attempt(f"p{number}+approve@people.example", where=device(f"of-{number}"))
        if is_fraud is not None:
            label(order, is_fraud)
    file = tmp_path / "cases.csv.gz"
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    call_command("fraud_cases", str(file))
    assert capsys.readouterr().out.strip() == "2 cases, 1 of them fraud"
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=61))
    call_command("fraud_cases", str(file))
    rows = read(file)
    assert [row["bad"] for row in rows] == ["1", "0", "0"]
    assert list(rows[0]) == [*COLUMNS, "bad"]
    assert rows[0]["device_10m"] == "1"
    assert {row["thin_file"] for row in rows} == {"0"}
    assert not {"model_risk", "shop", "categories"} & rows[0].keys()


def test_erased_people_and_refused_attempts_are_no_cases(attempt, tmp_path, monkeypatch, capsys):
    attempt()
    Assessment.objects.update(signals={})
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=90))
    call_command("fraud_cases", str(tmp_path / "cases.csv.gz"))
    assert capsys.readouterr().out.strip() == "0 cases, 0 of them fraud"
