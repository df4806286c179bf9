"""Reasons are true: where the named fact moves to its better side, so do the points and the decision."""

import random
from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from credit import rules
from credit.rules import Bureau, History, Inputs

PEOPLE = 3_000
BETTER = {
    "credit_record": [("score", value) for value in (500, 560, 600, 640, 680, 720, 780, 850)],
    "late_payments": [("delinquencies_24m", value) for value in (2, 1, 0)],
    "high_utilization": [("utilization_pct", value) for value in (89, 74, 49, 29, 0)],
    "short_history": [("oldest_account_months", value) for value in (12, 36, 84, 400)],
    "many_inquiries": [("inquiries_6m", value) for value in (6, 3, 1, 0)],
    "late_with_us": [("paid_late", 0)],
    "little_history_with_us": [("paid_on_time", value) for value in (1, 4, 40)],
}
"""Values of each reason's fact from bad to best."""


def people() -> list[tuple[Bureau, History]]:
    dice = random.Random(11)
    found = []
    for _number in range(PEOPLE):
        bureau = Bureau(
            score=dice.randrange(300, 851),
            thin=dice.random() < 0.2,
            delinquencies_24m=dice.choice([0, 0, 0, 1, 2, 3, 4]),
            open_accounts=dice.randrange(20),
            utilization_pct=dice.randrange(130),
            inquiries_6m=dice.randrange(12),
            oldest_account_months=dice.randrange(240),
            fraud_alert=False,
            manual_review=False,
            disposable_income_minor=dice.randrange(0, 600_000),
        )
        late = dice.choice([0, 0, 0, 1, 3])
        found.append((bureau, History(paid_on_time=dice.choice([0, 0, 1, 3, 4, 20]), paid_late=late)))
    return found


def steps(reason: str, bureau: Bureau, history: History) -> Iterator[tuple[Bureau, History]]:
    """Yield the person with the named fact one step better each time, up to the best."""
    if reason == "account_mix":
        places = range(bureau.open_accounts + 1, 4) if bureau.open_accounts < 3 else range(bureau.open_accounts - 1, 9, -1)
        yield from ((replace(bureau, open_accounts=number), history) for number in places)
        return
    owner = bureau if BETTER[reason][0][0] in {one.name for one in fields(Bureau)} else history
    rising = BETTER[reason][-1][1] > BETTER[reason][0][1]
    for name, value in BETTER[reason]:
        now = getattr(owner, name)
        if (value > now if rising else value < now) or len(BETTER[reason]) == 1:
            moved = replace(owner, **{name: value})
            yield (moved, history) if isinstance(moved, Bureau) else (bureau, moved)


def test_moving_a_named_fact_moves_the_points_as_named():
    named = set()
    for bureau, history in people():
        score, reasons = rules.score_of(bureau, history)
        gains = []
        for reason in reasons:
            named.add(reason)
            scores = [rules.score_of(*moved)[0] for moved in steps(reason, bureau, history)]
            assert scores, (reason, bureau, history)
            assert [score, *scores] == sorted([score, *scores]), (reason, bureau, history)
            assert scores[-1] > score, (reason, bureau, history)
            if reason != "late_with_us":
                best = list(steps(reason, bureau, history))[-1]
                assert reason not in rules.score_of(*best)[1]
                gains.append(scores[-1] - score)
        assert gains == sorted(gains, reverse=True)
    assert named == {*BETTER, "account_mix"}


@pytest.mark.parametrize("version", rules.SCORECARDS)
def test_moving_a_named_fact_never_makes_a_decision_worse(version):
    rank, freed = {"decline": 0, "refer": 1, "approve": 2}, 0
    for bureau, history in people():
        inputs = Inputs(20_000, 2, "verified", 0, history, bureau)
        before = rules.SCORECARDS[version](inputs)
        for reason in set(before.reasons) & {*BETTER, "account_mix"}:
            for better, record in steps(reason, bureau, history):
                after = rules.SCORECARDS[version](replace(inputs, bureau=better, history=record))
                assert rank[after.outcome] >= rank[before.outcome], (reason, inputs)
                assert after.limit_minor >= before.limit_minor, (reason, inputs)
                freed += after.outcome != before.outcome
    assert freed > 100
