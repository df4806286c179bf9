"""Settings of a market: each of its own type, changed by two people from a day on, read on that day by whoever uses it."""

from datetime import timedelta
from pathlib import Path

import pytest

from accounts.queries import list_regions
from collection.queries import charge_off_days
from controls import services
from controls.errors import AlreadyProposed, Changed, Decided, OnePerson
from controls.models import Proposal
from core import timers
from core.clock import day_begins, local_date, now
from core.errors import Conflict, Forbidden, Invalid
from markets.catalog import SETTINGS, value_faults, value_text
from markets.models import Market, MarketSetting
from markets.queries import find_setting, get_market
from markets.services import add_setting
from plans.documents.laws import withdrawal_days
from plans.offers import caps_of, law_on
from plans.proposals import Setting, subject_of_setting
from tests.operators import make_operator
from tests.owner import unguarded

ROOT = Path(__file__).parents[2]
PLACES = {"address.regions", "address.time_zones"}


@pytest.fixture
def anna(db):
    return make_operator("anna@kvart.example", may=["propose_offer", "approve_offer"])


@pytest.fixture
def bo(db):
    return make_operator("bo@kvart.example", may=["approve_offer"])


def today(code="DK"):
    return local_date(now(), get_market(code).time_zone)


def propose(user, key="apr.cap_bps", value=3_000, *, market="DK", starts_on=None, source="a later law, section 1") -> Proposal:
    return services.propose(
        kind=Setting.name,
        subject=subject_of_setting(market, key),
        after={"value": value, "source": source},
        reason="the law changes",
        starts_on=starts_on or today(market),
        user=user,
        at=now(),
    )


def approve(made: Proposal, user) -> Proposal:
    return services.approve_proposal(proposal_id=made.pk, user=user, at=now())


@pytest.mark.django_db
def test_every_setting_that_comes_with_the_product_is_one_of_the_catalog_and_of_its_type():
    rows = list(MarketSetting.objects.exclude(key__in=PLACES))
    assert [row.key for row in rows if row.key not in SETTINGS] == []
    assert [(str(row), value_faults(row.key, row.value)) for row in rows if value_faults(row.key, row.value)] == []
    for row in rows:
        assert value_text(row.key, row.value, "DKK").strip() not in {"", "None"}


def test_a_value_holds_on_its_day_for_whoever_reads_it(anna, bo):
    day = today() + timedelta(days=2)
    approved = approve(propose(anna, starts_on=day), bo)
    assert (approved.status, approved.due_at) == ("approved", day_begins(day, "Europe/Copenhagen"))
    assert find_setting("DK", "apr.cap_bps", day).value == 3_500
    # The row is for a day that has not come on the database's own clock; the timer runs when it has.
    timers.run_waiting(at=approved.due_at - timedelta(seconds=1))
    assert find_setting("DK", "apr.cap_bps", day).value == 3_500
    for _run in range(2):
        timers.run_waiting(at=approved.due_at)
    assert (find_setting("DK", "apr.cap_bps", day).value, find_setting("DK", "apr.cap_bps", day - timedelta(days=1)).value) == (
        3_000,
        3_500,
    )
    row = MarketSetting.objects.get(market="DK", key="apr.cap_bps", valid_from=day)
    assert (row.source, row.note) == ("a later law, section 1", f"proposal:{approved.public_id}")
    assert caps_of(law_on(get_market("DK"), day)).apr_bps == 3_000


def test_today_s_value_holds_with_the_second_person(anna, bo):
    assert charge_off_days("US", today("US")) == 120
    approve(propose(anna, "charge_off.days", 150, market="US"), bo)
    assert charge_off_days("US", today("US")) == 150
    approve(propose(anna, "withdrawal.days", 21), bo)
    assert withdrawal_days("DK", "EU", today()) == 21


def test_a_market_gets_a_setting_that_it_did_not_have(anna, bo):
    made = propose(anna, "interest.reference_bps", 225, market="SE")
    assert made.before == {}
    assert approve(made, bo).status == "applied"
    assert caps_of(law_on(get_market("SE"), today("SE"))).rate_bps == 2_225


def test_a_value_is_taken_back_before_its_day(anna, bo):
    approved = approve(propose(anna, starts_on=today() + timedelta(days=2)), bo)
    services.withdraw_proposal(proposal_id=approved.pk, user=anna, at=now())
    timers.run_waiting(at=approved.due_at)
    assert MarketSetting.objects.filter(market="DK", key="apr.cap_bps").count() == 1


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("apr.cap_bps", -1, "value"),
        ("apr.cap_bps", 100_001, "value"),
        ("apr.cap_bps", True, "value"),
        ("apr.cap_bps", "3000", "value"),
        ("apr.cap_bps", 30.5, "value"),
        ("apr.cap_bps", None, "value"),
        ("withdrawal.days", 0, "value"),
        ("charge_off.days", 29, "value"),
        ("decision.human_review", 1, "value"),
        ("price_by_risk", {"allowed": "yes", "law": "x"}, "allowed"),
        ("price_by_risk", {"allowed": True, "law": "x", "other": 1}, "value"),
        ("price_by_risk", {"law": "x"}, "allowed"),
        ("payment.move", 100, "value"),
        ("adverse_action.agency", "", "value"),
        ("adverse_action.agency", "a\nb", "value"),
        ("contact.hours", {"from": "8:00", "to": "21:00"}, "from"),
        ("contact.hours", {"from": "21:00", "to": "08:00"}, "to"),
    ],
)
def test_a_setting_s_own_type_bounds_it(anna, key, value, fault):
    with pytest.raises(Invalid) as error:
        propose(anna, key, value)
    assert list(error.value.fields) == [fault]
    assert not Proposal.objects.exists()


def test_values_without_source_or_day_and_unknown_settings_are_refused(anna):
    for refused in (
        {"source": " "},
        {"source": "x" * 201},
        {"starts_on": today() - timedelta(days=1)},
        {"starts_on": MarketSetting.objects.get(market="DK", key="apr.cap_bps").valid_from},
    ):
        with pytest.raises(Invalid):
            propose(anna, **refused)
    with pytest.raises(Invalid, match="Nothing would change"):
        propose(anna, value=3_500, source=MarketSetting.objects.get(market="DK", key="apr.cap_bps").source)
    for key in ("no.such", "address.regions"):
        with pytest.raises(Exception, match="no such setting"):
            propose(anna, key)
    assert not Proposal.objects.exists()
    assert list_regions(get_market("US"), today("US"))


def test_two_values_never_begin_on_one_day(anna, bo):
    approve(propose(anna), bo)
    with pytest.raises(Invalid) as error:
        propose(anna, value=2_800)
    assert list(error.value.fields) == ["starts_on"]
    market = Market.objects.get(code="DK")
    with pytest.raises(Conflict):
        add_setting(market=market, key="apr.cap_bps", value=2_800, valid_from=today(), source="x", at=now())
    assert find_setting("DK", "apr.cap_bps", today()).value == 3_000


def test_one_person_one_proposal_and_the_right_roles(anna, bo):
    with pytest.raises(Forbidden):
        propose(bo)
    made = propose(anna)
    with pytest.raises(AlreadyProposed):
        propose(anna, value=2_000)
    with pytest.raises(OnePerson):
        approve(made, anna)
    with pytest.raises(Forbidden):
        approve(made, make_operator("eve@kvart.example", may=["approve_shop"]))
    assert find_setting("DK", "apr.cap_bps", today()).value == 3_500


def test_a_value_changed_meanwhile_is_not_overwritten(anna, bo):
    made = propose(anna, starts_on=today() + timedelta(days=5))
    with unguarded():
        MarketSetting.objects.create(market_id="DK", key="apr.cap_bps", value=3_200, valid_from=today(), source="another")
    with pytest.raises(Changed):
        approve(made, bo)


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_write_one_value(at_once):
    anna = make_operator("anna@kvart.example", may=["propose_offer"])
    others = [make_operator(f"{name}@kvart.example", may=["approve_offer"]) for name in ("bo", "cleo")]
    made = propose(anna)
    came = ["decided" if isinstance(one, Decided) else one.status for one in at_once(2, lambda number: approve(made, others[number]))]
    written = MarketSetting.objects.filter(market="DK", key="apr.cap_bps", valid_from=today()).values_list("value", flat=True)
    found = (sorted(came), list(written))
    with unguarded():
        MarketSetting.objects.filter(note__startswith="proposal:").delete()
    assert found == (["applied", "decided"], [3_000])
