"""What is advised about a late person: the first rule that holds, in their order."""

from datetime import date

import pytest

from collection.advising import RULES, Known, Next, advise
from collection.errors import REFUSED_CALL
from collection.texts import ADVICE

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("known", "do"),
    [
        (Known(), Next.CALL),
        (Known(broken=True), Next.BROKEN),
        (Known(eased=True, broken=True), Next.RELIEF),
        (Known(refused="hours", eased=True), Next.LATER),
        (Known(refused="talked"), Next.LATER),
        (Known(refused="often", missed=3), Next.UNREACHED),
        (Known(missed=2), Next.CALL),
        (Known(refused="asked_not", missed=3), Next.WRITE),
        (Known(wrong=True), Next.TRACE),
        (Known(wrong=True, refused="no_phone"), Next.NO_PHONE),
        (Known(promised=DAY, refused="no_phone"), Next.PROMISE),
        (Known(refused="promised"), Next.AGREED),
        (Known(refused="nothing_late", closed=True), Next.CLOSED),
        (Known(promised=DAY, tasks_due=1), Next.TASK),
        (Known(tasks_due=1, refused="nothing_late"), Next.PAID),
        (Known(tasks_due=1, refused="under_way"), Next.OUTCOME),
        (Known(tasks_due=1, refused="complaint"), Next.COMPLAINT),
        (Known(tasks_due=1, refused="standstill", promised=DAY), Next.NOTHING),
    ],
)
def test_the_first_rule_that_holds_says_what_to_do(known, do):
    assert advise(known) == do


def test_each_advice_has_its_rule_and_its_words():
    assert {do for do, _ in RULES} == set(Next) == set(ADVICE)


def test_nobody_is_called_against_a_refusal():
    calls = {Next.CALL, Next.BROKEN, Next.RELIEF}
    assert not calls & {advise(Known(refused=why, eased=True, broken=True)) for why in REFUSED_CALL}
