"""The two commands: a model is learned, measured on other rows, promoted and taken back."""

import json

import pytest
from django.core.management import CommandError, call_command

from learning import storing
from learning.models import ModelVersion, RoleChange
from tests.learning.conftest import rows_of_cases, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def others(tmp_path):
    return write(tmp_path / "others.csv", rows_of_cases(500, seed=2))


def test_a_model_is_learned_and_measured_on_other_rows(cases, others, capsys):
    call_command("credit_model", "train", "--data", str(cases), "--target", "bad", "--name", "first")
    capsys.readouterr()
    call_command("credit_model", "evaluate", "--name", "first", "--data", str(others), "--json")
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["rows", "scorecard", "challenger"]
    assert found["rows"] == 500
    for figures in (found["scorecard"], found["challenger"]):
        assert list(figures) == ["auc", "ks", "brier", "ece"]
        assert 0.65 < figures["auc"] < 1
        assert figures["ece"] < 0.12
    version = ModelVersion.objects.get()
    assert (version.version, version.lineage["rows"], version.usable) == (1, 600, True)
    assert "sex" not in version.lineage["columns"]
    assert version.lineage["notes"] == ["sex is left out: a protected attribute"]


def test_a_fraud_model_tells_its_recall_too(cases, capsys):
    call_command("fraud_model", "train", "--data", str(cases), "--target", "bad", "--positive", "1", "--drop", "noise", "--name", "f")
    capsys.readouterr()
    call_command("fraud_model", "evaluate", "--name", "f", "--data", str(cases), "--json")
    assert {"recall_at_fpr_1pct", "average_precision"} < json.loads(capsys.readouterr().out)["challenger"].keys()


def test_roles_are_given_and_taken_back(cases, capsys, of_cases):
    for name in ("a", "b"):
        call_command("credit_model", "train", "--data", str(cases), "--target", "bad", "--name", name)
        call_command("credit_model", "promote", "--name", name)
    capsys.readouterr()
    call_command("credit_model", "list")
    first, second = capsys.readouterr().out.splitlines()
    assert ("champion" in first, "champion" in second) == (True, False)
    call_command("credit_model", "compare", "--name", "a", "--data", str(cases))
    call_command("credit_model", "rollback")
    assert capsys.readouterr().out.endswith("a 1 (scorecard) is champion again\n")
    with pytest.raises(CommandError, match="before"):
        call_command("credit_model", "rollback")
    assert RoleChange.objects.count() == 3
    call_command("credit_model", "retire")
    assert capsys.readouterr().out.endswith("no credit model is champion\n")
    with pytest.raises(CommandError, match="no credit model is champion"):
        call_command("credit_model", "retire")


def test_no_shell_promotes_what_cannot_be_read_or_outside_a_sandbox(cases, settings, monkeypatch, of_cases):
    call_command("credit_model", "train", "--data", str(cases), "--target", "bad", "--name", "a")
    with monkeypatch.context() as patch, pytest.raises(CommandError, match="the stored model holds"):
        patch.setattr(storing, "TRUSTED", [name for name in storing.TRUSTED if "TreePredictor" not in name])
        call_command("credit_model", "promote", "--name", "a")
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="two people"):
        call_command("credit_model", "promote", "--name", "a")
    assert not RoleChange.objects.exists()


def test_a_model_of_columns_that_decisions_do_not_have_decides_nothing_and_may_be_watched(cases):
    call_command("credit_model", "train", "--data", str(cases), "--target", "bad", "--name", "a")
    for role in ("champion", "challenger"):
        with pytest.raises(CommandError, match=f"a 1 cannot be {role}: .* do not have: amount, income, job, late, noise"):
            call_command("credit_model", "promote", "--name", "a", "--role", role)
    call_command("credit_model", "promote", "--name", "a", "--role", "shadow")
    assert RoleChange.objects.get().role == "shadow"


def test_what_is_not_there_is_said(cases):
    with pytest.raises(CommandError, match="there is no credit model nobody; there are: none yet"):
        call_command("credit_model", "evaluate", "--name", "nobody", "--data", str(cases), "--json")
    with pytest.raises(CommandError, match="there is no column nothing"):
        call_command("credit_model", "train", "--data", str(cases), "--target", "nothing", "--name", "a")
    assert not ModelVersion.objects.exists()
