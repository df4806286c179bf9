"""The books by day: each day by itself, what is off on the day on which it happened, in memory that does not grow."""

import tracemalloc
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from core import clock
from core.db import rows
from core.ids import public_id
from payments import gateways
from payments.gateways.base import ALWAYS, ReportedCharge
from payments.models import Charge
from reports.books import check_days
from tests.owner import tamper
from tests.reports.test_planted_faults import ScriptedGateway, ask, live  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def days(live, at):  # noqa: F811
    """Live a sale, and return its first day and today."""
    live()
    return at.date(), max(clock.now().date(), at.date() + 3 * DAY)


def offenders(first, last):
    return {day: found for day, checks in check_days(first, last) if (found := [line for check in checks for line in check.offenders])}


def test_honest_days_hold_and_are_together_the_whole(days):
    first, last = days
    entries = {day: checks[0].examined for day, checks in check_days(first, last)}
    assert list(entries) == [first + n * DAY for n in range((last - first).days + 1)]
    assert sum(entries.values()) == rows("SELECT count(*) FROM ledger_entry")[0][0]
    assert len([day for day, count in entries.items() if count]) > 1
    assert offenders(first, last) == {}


def test_what_does_not_balance_is_off_on_its_day_only(days):
    first, last = days
    tamper("UPDATE ledger_line SET amount_minor = amount_minor + 1 WHERE id = (SELECT min(id) FROM ledger_line)")
    ((day, (line,)),) = offenders(first, last).items()
    assert (day, line.startswith("entry capture cap_")) == (first, True)
    assert offenders(first + DAY, last) == {}


def test_a_charge_that_the_ledger_does_not_know_is_off_on_its_day(days):
    first, last = days
    charge = Charge.objects.get()
    tamper("UPDATE ledger_entry SET source = 'chg_x' WHERE kind = 'charge'")
    assert offenders(first, last) == {
        first: [
            f"charge {charge.public_id}: {charge.amount_minor} USD was taken, the ledger knows nothing of it",
            f"charge chg_x: the ledger says {charge.amount_minor} USD, the gateway knows nothing of it",
        ]
    }


def test_what_a_gateway_did_without_us_is_off_on_the_gateways_day(days, ask):  # noqa: F811
    first, last = days
    charge = Charge.objects.get()
    ref = ask("refunds", "dashboard-3", charge=charge.gateway_ref, amount=300, reference="by hand")
    ((day, found),) = offenders(first, last + DAY).items()
    assert found == [f"refund dashboard-3: the gateway gave back 300 USD ({ref}), we know nothing of it"]
    assert offenders(first, day - DAY) == offenders(day + DAY, last + 2 * DAY) == {}


def run(*args):
    out = StringIO()
    call_command("check_books", *args, stdout=out)
    return out.getvalue()


def test_the_command_checks_days_and_says_how_far_it_is(days):
    first, _ = days
    told = run("--from", str(first), "--to", str(first + DAY)).splitlines()
    assert [line for line in told if line[:2] == "20"] == [str(first), str(first + DAY)]
    assert told[-1] == "These days hold."
    assert str(first) in run("--to", str(first + DAY))
    tamper("UPDATE ledger_line SET amount_minor = amount_minor + 1 WHERE id = (SELECT min(id) FROM ledger_line)")
    assert "These days hold." in run("--from", str(first + DAY), "--to", str(first + DAY))
    with pytest.raises(CommandError, match=r"The books do not hold: 1 offender"):
        run("--from", str(first))


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--since", "2026-11-01", "--from", "2026-11-01"), "give one or the other"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "--to 2026-11-01 is before 2026-11-02"),
    ],
)
def test_days_that_are_none_are_refused(args, told):
    with pytest.raises(CommandError, match=told):
        run(*args)


MANY = """
    INSERT INTO payments_charge (id, gateway, payment_method_id, reference, amount_minor, currency, actor, status, gateway_ref, failure,
        action_url, tries, refunded_minor, created_at)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'sandbox', %s, 'pln_x', 100, 'USD', '', 'failed', '', '', '',
        1, 0, %s FROM generate_series(1, %s) AS n"""


def test_memory_grows_neither_with_the_charges_of_a_day_nor_with_the_days(live, at, monkeypatch):  # noqa: F811
    order, *_ = live()
    begins = datetime.combine(at.date(), time.min, UTC)
    count = 0

    class ManyCharges(ScriptedGateway):
        def report_charges(self, *, reference="", period=ALWAYS):
            keys = (public_id("chg", UUID(f"00000000-0000-7000-8000-{n:012x}")) for n in range(1, count + 1))
            own = {"reference": "pln_x", "amount_minor": 100, "currency": "USD", "status": "failed", "at": at, "refunded_minor": 0}
            return (ReportedCharge(ref=key, key=key, **own) for key in keys) if period.since == begins else iter(())

        def report_refunds(self, *, period=ALWAYS):
            return iter(())

    gateways.use("sandbox", ManyCharges())
    peaks = []
    for count, last in ((2_000, 1), (20_000, 1), (20_000, 20)):
        tamper("DELETE FROM payments_charge WHERE reference = 'pln_x'")
        tamper(MANY, [order.plan.payment_method_id, at, count])
        tracemalloc.start()
        examined = [check.examined for _, checks in check_days(at.date(), at.date() + last * DAY) for check in checks]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count in examined
    gateways.forget()
    assert max(peaks) < peaks[0] * 1.5


def test_a_day_is_found_without_reading_all_others(db):
    from reports.books.movements import _MOVED, POSTED

    tables = sorted({kind.table for kind in POSTED})
    for table in tables:
        with_plan = f"SET LOCAL enable_seqscan = off; EXPLAIN {_MOVED.format(table=table, order='m.created_at, m.id')}"
        params = {"states": ["succeeded"], "since": "2026-11-22", "until": "2026-11-23"}
        plan = "\n".join(line for (line,) in rows(with_plan, params))
        assert "Seq Scan" not in plan
        assert "_day" in plan, plan
