"""`manage.py decisions replay`: what was decided is decided again from what was stored."""

from dataclasses import replace

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.money import Money
from credit import rules, services
from credit.models import Decision
from credit.rules import History
from tests.owner import unguarded


@pytest.fixture
def said(capsys):
    """Give a function that runs the command and returns what it said."""

    def run(*told: str) -> str:
        call_command("decisions", "replay", *told)
        return capsys.readouterr().out

    return run


@pytest.fixture
def decisions(person, decide):
    """Decisions of several kinds, one of them told in words of another brand's facts."""
    for persona in ("+approve", "+decline", "+refer"):
        decide(person(persona))
    late = person("+approve")
    told = {"amount": Money(20_000, "USD"), "at": late.created_at, "history": History(paid_late=1), "elsewhere": ["late_with_us"]}
    services.decide(consumer=late, reference="chk_9", **told)
    return list(Decision.objects.order_by("id"))


def test_all_are_identical_page_by_page(decisions, said, monkeypatch):
    monkeypatch.setattr("credit.replaying.PAGE", 2)
    assert "late_elsewhere" in decisions[-1].reasons
    assert said("--all") == "4 of 4 identical\n"
    assert said(decisions[0].public_id) == "1 of 1 identical\n"


def test_the_first_that_differs_is_named(decisions, capsys):
    with unguarded():
        for decision in decisions[1:3]:
            Decision.objects.filter(pk=decision.pk).update(score=decision.score + 1)
    with pytest.raises(CommandError, match="2 of 4 decisions are not as they were stored"):
        call_command("decisions", "replay", "--all")
    out = capsys.readouterr().out
    assert out.startswith("2 of 4 identical\n")
    score = decisions[1].score
    assert f"The first that differs is {decisions[1].public_id}, by {rules.CURRENT}: score: {score + 1}, now {score}\n" in out


def test_under_another_version_it_says_what_would_change(decisions, said, monkeypatch):
    def strict(inputs):
        verdict = rules.assess(inputs)
        return replace(verdict, outcome="decline", limit_minor=0, order_limit_minor=0) if verdict.outcome == "approve" else verdict

    monkeypatch.setitem(rules.SCORECARDS, "strict-1", strict)
    out = said("--all", "--under", "strict-1")
    before = sum(one.limit_minor for one in decisions if one.outcome == "approve")
    approved = [one for one in decisions if one.outcome == "approve"]
    amounts = f"${sum(one.amount_minor for one in approved) / 100:,.2f}"
    assert f"approve -> decline: {len(approved)}, {amounts}, such as {', '.join(one.public_id for one in approved)}\n" in out
    assert f"limits together: -${before / 100:,.2f}\n" in out
    assert Decision.objects.count() == 4


@pytest.mark.parametrize(
    ("told", "fault"),
    [((), "Name decisions, or give --all"), (("dec_1", "--all"), "Name decisions"), (("dec_1",), "There is no decision dec_1")],
)
def test_what_cannot_be_replayed_is_said(db, told, fault):
    with pytest.raises(CommandError, match=fault):
        call_command("decisions", "replay", *told)


def test_a_version_that_is_gone_is_named(decisions, monkeypatch):
    monkeypatch.delitem(rules.SCORECARDS, rules.CURRENT)
    with pytest.raises(CommandError, match=f"There is no scorecard '{rules.CURRENT}'"):
        call_command("decisions", "replay", "--all")
