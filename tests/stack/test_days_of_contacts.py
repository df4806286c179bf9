"""Four hundred days of two thousand people: every notice about what is owed in time, none outside of the hours, none after payment."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bnpl.timers import TIMERS
from core import clock, timers
from notifications.services import gating, mails, sending
from notifications.services.writing import Outcome
from payments import gateways
from tests import approved
from tests.cast import forget_world
from tests.sizes import sized
from tests.stack.contacts_judged import LOUD, WHILE_OPEN, Judge
from tests.stack.contacts_lived import Cards, Days, Live, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(14_400)]
DAYS, PEOPLE = sized(400, 40), sized(2_000, 12)
APART = {"merchants.services.settle_merchants", "checkout.services.review_limits"}
"""Timers that have nothing to do with what people are told about what they owe, and take most of a day."""


@pytest.fixture
def lived(settings, sandbox_world, tmp_path, monkeypatch):
    """Live the days of the people, and give what happened."""
    settings.VAR_DIR, settings.CALLS_IN_FLIGHT = tmp_path, 1
    forget_world(sandbox_world)
    for sender in (gating, sending):
        monkeypatch.setattr(sender, "settings", Live())
    monkeypatch.setattr(mails, "_hand_over", lambda _account, written: [Outcome(message) for message, _ in written])
    monkeypatch.setattr(sending, "send_sms", lambda **_told: None)
    monkeypatch.setattr("bnpl.timers.TIMERS", [one for one in TIMERS if one.service not in APART])
    timers.forget()
    cards = Cards()
    gateways.use("sandbox", cards)
    start = datetime.combine(clock.now().date(), time.min, UTC) - timedelta(days=DAYS + 1)
    days = Days(start, DAYS, PEOPLE, cards)
    monkeypatch.setattr(approved, "_place", lambda code, at: place(code, days.buying.region, at))
    days.draw()
    days.live()
    yield days
    gateways.forget()
    timers.forget()


def test_every_notice_comes_in_time_within_the_hours_and_before_payment(lived):
    judge = Judge(lived)
    wrong = judge.check()
    assert wrong == [], "\n".join(wrong)
    print(f"{DAYS} days, {PEOPLE} people, {len(judge.told)} messages; checked: {dict(judge.counts)}; refused: {lived.refused}")
    assert {"hours", "while open", "upcoming", "late"} <= judge.counts.keys()
    # One at night, one after payment, and none at all are each found.
    told = next(one for one in judge.told if one.kind in WHILE_OPEN and one.channel in LOUD)
    for hour in (time(21), time(7, 59)):
        by_night = replace(told, at=datetime.combine(told.day, hour, ZoneInfo(told.person.zone)))
        assert len(list(judge.if_told([by_night]).hours())) == 1
    paid = next(row for row in judge.rows.values() if row.open_at(lived.end) <= 0)
    assert len(list(judge.if_told([replace(told, at=lived.end, about={(paid.plan, paid.number)})]).after_payment())) == 1
    silent = judge.if_told([])
    assert [name for name in ("upcoming", "late", "steps") if judge.counts[name] and not list(getattr(silent, name)())] == []
