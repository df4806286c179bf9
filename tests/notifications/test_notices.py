"""Notices that a law asks for: late and missing ones are found and named, by each market's law."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Consumer
from accounts.services import get_or_create_consumer
from core import clock
from credit.models import CreditLine, Decision, LimitChange
from credit.rules import CURRENT
from markets.models import Market
from notifications.models import Message
from notifications.notices import check_notices
from notifications.services import queue_for_consumer
from tests.credit.test_rules import inputs
from tests.lines import give_line
from tests.owner import unguarded

pytestmark = pytest.mark.django_db
SINCE = datetime.fromisoformat("2026-09-01T12:00:00+00:00")
NOW = SINCE + timedelta(days=60)


def person(market: str) -> Consumer:
    place = Market.objects.get(code=market)
    return get_or_create_consumer(channel="email", destination=f"{market}@x.example", market=place, at=SINCE, brand="main")


def decide(who: Consumer, outcome: str = "decline", reasons: tuple[str, ...] = ("credit_record",)) -> Decision:
    kept = {"reference": "none", "currency": "USD", "amount_minor": 20_000, "limit_minor": 0, "order_limit_minor": 0, "score": 400}
    kept |= {"inputs": inputs().as_json(), "versions": {"scorecard": CURRENT}, "at": SINCE}
    return Decision.objects.create(consumer=who, outcome=outcome, reasons=list(reasons), **kept)


def tell(decision: Decision, *, sent_at: datetime | None, kind: str = "application_refused") -> None:
    """Queue a decision's notice, and let its letter be sent at a time."""
    context = {"decision": decision.public_id, "notice": decision.public_id, "amount_minor": 20_000, "currency": "USD"}
    queue_for_consumer(consumer=decision.consumer, kind=kind, subject=decision.public_id, context=context, facts={}, at=SINCE)
    with unguarded():
        Message.objects.filter(channel="email").update(sent_at=sent_at, status="sent" if sent_at else "queued")


@pytest.mark.parametrize(
    ("market", "days", "is_late"),
    [("US", 0, False), ("US", 30, False), ("US", 31, True), ("DE", 0.5, False), ("DE", 2, True), ("GB", 2, True)],
)
def test_a_refusal_is_told_within_the_days_of_the_market(market, days, is_late):
    decision = decide(person(market))
    tell(decision, sent_at=SINCE + timedelta(days=days))
    checked = check_notices(since=SINCE, at=NOW)
    assert (checked.owed, [one.notice.subject for one in checked.late]) == (1, [decision.public_id] * is_late)


def test_a_notice_that_waits_is_missing_once_its_time_is_over(capsys, monkeypatch):
    decision = decide(person("US"))
    tell(decision, sent_at=None)
    assert check_notices(since=SINCE, at=SINCE + timedelta(days=30)).late == []
    (late,) = check_notices(since=SINCE, at=NOW).late
    assert (late.notice.kind, late.notice.subject, late.sent_at) == ("application_refused", decision.public_id, None)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with pytest.raises(CommandError, match=f"1 late or missing.*application_refused about {decision.public_id}.*has not left"):
        call_command("check_notices")
    assert capsys.readouterr().out == "0 of 1 notices in time\n"


def test_what_is_no_refusal_needs_no_notice():
    for outcome, reasons in (("approve", ()), ("refer", ("manual_review",)), ("decline", ("own_limit",))):
        decide(person("US"), outcome, reasons)
    assert check_notices(since=SINCE, at=NOW).owed == 0


def test_a_limit_that_falls_with_a_decision_is_told():
    who = person("US")
    line = give_line(consumer=who, currency="USD", limit_minor=90_000, at=SINCE - timedelta(days=1))
    decision = decide(who, "approve")
    with unguarded():
        LimitChange.objects.create(line=line, before_minor=90_000, after_minor=50_000, reason="file_weakened", at=SINCE)
    assert CreditLine.objects.count() == 1
    (late,) = check_notices(since=SINCE, at=NOW).late
    assert (late.notice.kind, late.notice.subject) == ("limit_cut", decision.public_id)
    tell(decision, sent_at=SINCE, kind="limit_cut")
    assert check_notices(since=SINCE, at=NOW).late == []
