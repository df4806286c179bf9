"""The market's setting that scales computed limits: part of each decision, stored with it, and replayed."""

from datetime import datetime, timedelta

import pytest

from core.clock import local_date, now
from core.errors import Invalid
from credit.models import Decision
from credit.replaying import replay
from markets.models import MarketSetting
from markets.queries import ECONOMY, economy_bps, economy_rows, get_market
from markets.services import add_setting
from tests.owner import unguarded

pytestmark = pytest.mark.django_db


def turn_economy(market: str, bps: int, at: datetime) -> None:
    """Set the share of limits that a market gives, in basis points, from a day on."""
    with unguarded():  # the days of these tests have passed on the database's own clock
        MarketSetting.objects.create(market_id=market, key=ECONOMY, value=bps, valid_from=at.date(), source="Credit committee")
    economy_rows.forget()


def test_a_decision_gives_the_share_of_its_day_and_is_replayed_with_it(person, decide, at):
    ann, later = person("+approve"), at + timedelta(days=40)
    assert decide(ann).limit_minor == 150_000
    for market, bps, day in (("US", 8_000, at), ("US", 5_000, later), ("GB", 1_000, at)):
        turn_economy(market, bps, day)
    found = [decide(ann, at=day, reference=f"chk_{day:%d}") for day in (at, later)]
    assert [(one.limit_minor, one.inputs["economy_bps"]) for one in found] == [(120_000, 8_000), (75_000, 5_000)]
    assert [replay(one).differences for one in Decision.objects.all()] == [{}, {}, {}]
    assert economy_bps("DK", at.date()) == 10_000


def test_decisions_from_before_the_setting_are_replayed_whole(person, decide):
    decision = decide(person("+approve"))
    del decision.inputs["economy_bps"]
    assert replay(decision).differences == {}


def test_a_new_share_holds_at_once_in_the_process_that_writes_it(db):
    add_setting(market=get_market("DK"), key=ECONOMY, value=8_000, valid_from=now().date(), source="Credit committee", at=now())
    assert economy_bps("DK", local_date(now(), "Europe/Copenhagen")) == 8_000


@pytest.mark.parametrize("bps", [999, 10_001, "80", True])
def test_a_share_outside_ten_percent_to_all_is_refused(bps):
    with pytest.raises(Invalid):
        add_setting(market=get_market("US"), key=ECONOMY, value=bps, valid_from=now().date(), source="Credit committee", at=now())
