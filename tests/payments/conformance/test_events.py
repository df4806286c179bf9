"""Every gateway lists its own events, a page at a time: also those that never arrived, with the ids of those that it sends."""

from datetime import timedelta

import pytest

from core.clock import wall
from payments.errors import GatewayUnavailable
from payments.gateways import sandbox as sandbox_adapter
from payments.gateways import stripe as stripe_adapter


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(sandbox_adapter, "REPORT_PAGE", 2)
    monkeypatch.setattr(stripe_adapter, "PAGE", 2)


def all_events(gateway, since, page=""):
    found = gateway.report_events(since=since, page=page)
    yield from found.events
    while found.page:
        found = gateway.report_events(since=since, page=found.page)
        yield from found.events


def test_what_happened_is_listed_over_all_pages_though_nothing_was_sent(trial, chaos):
    chaos(lose_events=True)
    token, since = trial.card(), wall() - timedelta(seconds=5)
    asked = [trial.charge(token) for _ in range(5)]
    refs = [trial.gateway.charge(request).ref for request in asked]
    refund = trial.refund(asked[0], refs[0], 725)
    trial.gateway.refund(refund)
    found = list(all_events(trial.gateway, since))
    assert len({event.notice.event_id for event in found}) == len(found)
    told = {(event.notice.about, event.notice.key, event.notice.good) for event in found if event.notice.about != "other"}
    assert {("charge", request.key, True) for request in asked} <= told
    assert ("refund", refund.key, True) in told or trial.account == "stripe"
    assert all(since - timedelta(seconds=1) <= event.at <= wall() + timedelta(days=400) for event in found)


def test_a_dispute_is_listed(trial, chaos, bank):
    chaos(lose_events=True)
    asked = trial.charge(trial.card())
    ref = trial.gateway.charge(asked).ref
    bank("dispute", ref)
    disputes = [event.notice for event in all_events(trial.gateway, wall() - timedelta(minutes=1)) if event.notice.about == "dispute"]
    assert asked.key in {trial.gateway.find_dispute(notice.reference).key for notice in disputes}


def test_what_is_older_is_left_out_and_an_unknown_page_is_no_error(trial, chaos):
    chaos(lose_events=True)
    asked = trial.charge(trial.card())
    trial.gateway.charge(asked)
    assert trial.gateway.report_events(since=wall() + timedelta(days=800)).events == ()
    unknown = "evt_gone" if trial.account == "stripe" else "0"
    keys = {event.notice.key for event in all_events(trial.gateway, wall() - timedelta(minutes=1), unknown)}
    assert asked.key in keys


def test_a_gateway_that_is_down_says_so(trial, down):
    down()
    with pytest.raises(GatewayUnavailable):
        trial.gateway.report_events(since=wall())
