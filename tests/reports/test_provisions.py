"""Provisions at the end of months: what is open by the ledger, stages by the closed days, postings, and months that were missed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from checkout import services as checkouts
from collection import services as collection
from collection.services import close_days
from controls import services as controls
from core.db import rows
from ledger.models import Entry
from ledger.queries import balance
from markets.models import MarketSetting
from plans.models import Installment, Plan
from reports.books.provisions import check_provisions
from reports.models import Provision, ProvisionMonth, ProvisionPlan, ProvisionSegment
from reports.provisions.queries import MONTHS_WAIT, find_next
from reports.provisions.services import provide_months
from tests.operators import make_operator
from tests.owner import tamper, unguarded

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def moment(month, day=2):
    return datetime(2026 + month // 13, (month - 1) % 12 + 1, day, 12, tzinfo=UTC)


def provided(month):
    return {row.stage: row for row in Provision.objects.filter(segment__month=date(2026 + month // 13, (month - 1) % 12 + 1, 1))}


@pytest.fixture
def plan(buy, merchant, at):
    """A plan in four payments of 57.25 that are never taken; the first is due on 22 November, the others two weeks apart."""
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    close_days(at=at)
    return Plan.objects.get(id=order.plan_id)


OFF_BY = (
    "UPDATE ledger_line SET amount_minor = amount_minor + %s WHERE account_id IN (SELECT id FROM ledger_account WHERE kind = 'provisions')"
)


def books():
    return check_provisions().offenders


def test_a_month_waits_for_its_end_and_for_the_close_of_its_last_day(plan, at):
    assert find_next(at) is None
    assert provide_months(at=moment(12)) == 0  # 30 November is not closed
    close_days(at=moment(12))
    assert rows(f"SELECT {MONTHS_WAIT}", {"at": moment(12)}) == [(True,)]
    assert (provide_months(at=moment(12)), provide_months(at=moment(12))) == (1, 0)
    assert find_next(moment(12)) is None


def test_open_principal_has_its_stage_and_its_share_is_posted(plan):
    close_days(at=moment(12))
    provide_months(at=moment(12))
    open_minor = sum(row.principal_minor - row.paid_principal_minor for row in Installment.objects.filter(plan=plan))
    [noted] = ProvisionPlan.objects.all()
    assert (noted.plan_id, noted.bucket, noted.stage, noted.exposure_minor) == (plan.id, "4-30", 1, open_minor)
    # Nothing was observed: 2 % by the setting, and three quarters of it lost.
    share = (2 * open_minor * 200 * 7_500 + 10**8) // (2 * 10**8)
    [row] = provided(11).values()
    assert (row.stage, row.plans, row.exposure_minor, row.new, row.closing) == (1, 1, open_minor, share, share)
    segment = row.segment
    assert (segment.own, segment.lgd_own, segment.lgd_bps, segment.rolls) == ([], False, 7_500, {})
    entry = Entry.objects.get(kind="provision")
    assert (entry.source, entry.at.date()) == (f"2026-11 {segment.owner} USD", date(2026, 11, 30))
    posted = [balance(kind=kind, owner=segment.owner, currency="USD") for kind in ("impairment", "provisions")]
    assert posted == [share, -share]
    assert books() == []


def test_missed_months_are_caught_up_in_order_through_all_stages(plan):
    with unguarded():
        MarketSetting.objects.filter(key="charge_off.by_day").delete()
    close_days(at=moment(16))
    assert provide_months(at=moment(16)) == 5
    assert [row.month.month for row in ProvisionMonth.objects.order_by("month")] == [11, 12, 1, 2, 3]
    # Late since 22 November: 39 days at the end of December, 70 in January, 98 in February.
    assert list(ProvisionPlan.objects.order_by("month").values_list("bucket", "stage")) == [
        *(("4-30", 1), ("31-60", 2), ("61-90", 2), ("91-120", 3), ("121-150", 3))
    ]
    open_minor = ProvisionPlan.objects.first().exposure_minor
    stages = {month: {stage: row.closing for stage, row in provided(month).items()} for month in (12, 13, 14)}
    late, bad = ((2 * open_minor * bps * 7_500 + 10**8) // (2 * 10**8) for bps in (3_500, 10_000))
    assert stages == {12: {1: 0, 2: late}, 13: {2: late}, 14: {2: 0, 3: bad}}
    assert (provided(12)[1].moved, provided(12)[2].moved, provided(14)[3].moved) == (-provided(11)[1].closing, late, bad)
    assert [one.rolls for one in ProvisionSegment.objects.order_by("month")] == [
        *({}, {"4-30": {"31-60": 1}}, {"31-60": {"61-90": 1}}, {"61-90": {"default": 1}}, {})
    ]
    # March and January changed nothing, so that nothing was posted for them.
    assert Entry.objects.filter(kind="provision").count() == 3
    assert -balance(kind="provisions", owner=ProvisionSegment.objects.first().owner, currency="USD") == bad
    assert books() == []


def test_what_is_paid_or_given_up_leaves_the_provision(plan):
    close_days(at=moment(12))
    provide_months(at=moment(12))
    collection.run_due(at=moment(12, 7))  # 22 November and 6 December
    close_days(at=moment(13))
    provide_months(at=moment(13))
    before, paid = provided(11)[1], provided(12)[1]
    open_minor = sum(row.principal_minor - row.paid_principal_minor for row in Installment.objects.filter(plan=plan))
    assert (before.exposure_minor, paid.exposure_minor) == (22_900, open_minor) == (22_900, 11_450)
    assert (paid.opening, paid.repaid, paid.closing) == (344, -172, 172)  # 343.5 and 171.75: 2 % of three quarters
    people = [make_operator(f"{name}@kvart.example", may=["propose_chargeoff", "confirm_chargeoff"]) for name in ("olivia", "oscar")]
    made = collection.propose_charge_off(plan_id=plan.id, cause="deceased", reason="A letter", user=people[0], at=moment(13, 20))
    controls.approve_proposal(proposal_id=made.pk, user=people[1], at=moment(13, 20))
    close_days(at=moment(14))
    provide_months(at=moment(14))
    gone = provided(13)[1]
    assert (gone.plans, gone.exposure_minor, gone.opening, gone.charged_off, gone.closing) == (0, 0, paid.closing, -paid.closing, 0)
    assert (gone.segment.rolls, gone.segment.losses) == ({"4-30": {"default": 1}}, 1)
    assert (gone.segment.lost_minor, gone.segment.left_minor, gone.segment.lgd_own) == (11_450, 11_450, False)
    assert books() == []


def test_a_month_that_dies_is_done_again_as_a_whole(plan, monkeypatch):
    close_days(at=moment(12))
    monkeypatch.setattr("reports.provisions.services.provisions", lambda _postings: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        provide_months(at=moment(12))
    assert not ProvisionMonth.objects.exists()
    assert not ProvisionPlan.objects.exists()
    monkeypatch.undo()
    assert provide_months(at=moment(12)) == 1


def test_the_books_find_what_does_not_fit(plan):
    close_days(at=moment(13))
    provide_months(at=moment(13))
    tamper(OFF_BY, [-1])
    assert any("ledger" in line for line in books())
    tamper(OFF_BY, [1])
    assert books() == []
    tamper("UPDATE reports_provision SET opening = opening + 1, new = new - 1 WHERE id = (SELECT max(id) FROM reports_provision)")
    assert any("opens" in line for line in books())


def test_the_database_refuses_a_movement_that_does_not_add_up_and_any_change(plan):
    close_days(at=moment(12))
    provide_months(at=moment(12))
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Provision.objects.update(closing=0)
    row = Provision.objects.get()
    row.pk, row.stage, row.closing = None, 2, row.closing + 1
    with pytest.raises(IntegrityError, match="provision_adds_up"), transaction.atomic():
        row.save()
