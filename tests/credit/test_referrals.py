"""Referred decisions: the bureau's people answer later, or ours do."""

import uuid
from datetime import timedelta

import pytest

from core import clock
from core.models import OutboxEvent
from credit import queries, services
from credit.events import ReferralResolved
from credit.models import Referral
from credit.replaying import replay

HEARD: list[tuple[ReferralResolved, object]] = []


def hear(event, *, at):
    HEARD.append((event, at))


@pytest.fixture
def heard(monkeypatch):
    from core import outbox

    monkeypatch.setattr(outbox, "_table", lambda: {ReferralResolved.NAME: (ReferralResolved, (hear,), ())})
    HEARD.clear()
    return HEARD


@pytest.mark.parametrize(("persona", "outcome"), [("+refer_approve_05", "approve"), ("+refer_decline_05", "decline")])
def test_the_bureaus_people_answer_after_five_minutes(person, decide, world, heard, persona, outcome):
    at = clock.now()
    consumer = person(persona)
    decision = decide(consumer, 5_000, at=at)
    assert decision.outcome == "refer"
    for minutes in (0, 1, 2, 3):
        assert services.poll_referrals(at=at + timedelta(minutes=minutes)) == 0
    assert heard == []
    world.post("/control/clock", {"forward_seconds": 300})
    later = at + timedelta(minutes=8)
    assert services.poll_referrals(at=later) == 1
    assert services.poll_referrals(at=later) == 0
    assert heard == [(ReferralResolved(decision=decision.public_id, outcome=outcome), later)]
    referral = queries.find_referral(decision.pk)
    assert (referral.outcome, referral.resolved_at, referral.resolved_by) == (outcome, later, "source")
    again = decide(consumer, 5_000, at=later)
    assert (again.outcome, again.inputs["review"], again.inquiry_id) == (outcome, outcome, decision.inquiry_id)
    assert replay(decision).verdict.outcome == "refer"
    if outcome == "decline":
        assert again.reasons == ["review_declined"]


def test_where_people_of_ours_decide(person, decide, heard, at):
    consumer = person("+refer")
    decision = decide(consumer, 5_000)
    for days in (1, 2, 3):
        assert services.poll_referrals(at=at + timedelta(days=days)) == 0
    assert Referral.objects.get().resolved_at is None
    later = at + timedelta(days=3)
    assert services.close_referral(decision_id=decision.pk, outcome="approve", at=later, actor="operator:1") is True
    assert services.close_referral(decision_id=decision.pk, outcome="decline", at=later, actor="operator:2") is False
    referral = Referral.objects.get()
    assert (referral.outcome, referral.resolved_at, referral.resolved_by) == ("approve", later, "operator:1")
    assert services.poll_referrals(at=at + timedelta(days=9)) == 0
    assert heard == []
    assert decide(consumer, 5_000, at=later).outcome == "refer"
    assert services.close_referral(decision_id=uuid.uuid4(), outcome="approve", at=later, actor="operator:1") is False


def test_looks_get_rarer(person, decide, at):
    decide(person("+refer"), 5_000)
    for hours, again_hours in ((1, 1.5), (10, 15), (100, 112)):
        services.poll_referrals(at=at + timedelta(hours=hours))
        assert Referral.objects.get().next_at == at + timedelta(hours=again_hours)


def test_a_bureau_that_is_away_is_asked_later(person, decide, world, at):
    decide(person("+refer_approve_05"), 5_000)
    world.post("/control/clock", {"forward_seconds": 300})
    world.post("/control/chaos", {"target": "bureau", "fail_rate": 1})
    assert services.poll_referrals(at=at + timedelta(minutes=10)) == 0
    world.post("/control/chaos", {"target": "bureau"})
    assert services.poll_referrals(at=at + timedelta(minutes=15)) == 1


def test_a_claim_keeps_others_off(person, decide, at):
    decide(person("+refer_approve_05"), 5_000)
    Referral.objects.update(claimed_until=clock.wall() + timedelta(seconds=30))
    assert services.poll_referrals(at=at + timedelta(days=1)) == 0


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_resolve_each_once(person, decide, world, heard, at, at_once):
    for number in range(6):
        decide(person("+refer_approve_05"), 5_000, reference=f"chk_{number}")
    world.post("/control/clock", {"forward_seconds": 300})
    resolved = at_once(4, lambda _: services.poll_referrals(at=at + timedelta(hours=1)))
    assert sum(resolved) == 6
    assert len({event.decision for event, _ in heard}) == len(heard) == 6
    assert OutboxEvent.objects.count() == 0
