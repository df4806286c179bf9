"""Debits of bank accounts by processes that are killed and workers that race: each once at the gateway, and one end for each."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from core import timers
from core.models import OutboxEvent
from credit.models import CreditLine
from payments import services as payments
from payments.gateways.base import Notice
from payments.models import Charge, PaymentMethod
from plans import services as plans
from plans.models import Installment, Plan
from reports.books import check_books
from tests.exactly_once.dying import count_moments, live_until
from tests.exactly_once.test_killed_anywhere import Purchase, go_on, purchase
from tests.exactly_once.test_killed_while_it_turns import control
from tests.reported import report_charges
from tests.sizes import sized

__all__ = ["purchase"]
pytestmark = pytest.mark.django_db(transaction=True)
STEP = sized(11, 31)
PARTS = 2
DUE, ENDED = timedelta(days=14), timedelta(days=17)


def hear(charge: Charge, number: int, at, *, good: bool = True) -> bool:
    """Hear of a debit's end, by an event of its own."""
    kind = "charge.succeeded" if good else "charge.failed"
    notice = Notice(f"msg_{charge.public_id}_{number}", kind, charge.gateway_ref, "charge", charge.public_id, good)
    return payments.receive_event(gateway="sandbox", notice=notice, at=at)


@dataclass(frozen=True)
class Debited(Purchase):
    """A purchase whose second payment is debited from a bank account."""

    def live(self) -> None:
        """Capture and charge the card; take an account for the plan; be debited; let it arrive, and hear of it. Again: done is done."""
        own = {"order_id": self.order.id, "merchant": self.merchant, "actor": "test", "at": self.at}
        self.once("capture", lambda: checkouts.capture_order(**own, amount_minor=None))
        timers.run_until_quiet(at=self.at)
        self.take_account()
        timers.run_until_quiet(at=self.at + DUE)
        (debit,) = Charge.objects.filter(reference=self.order.plan.public_id, payment_method__kind="bank_debit")
        control(f"charges/{debit.public_id}/clear")
        hear(debit, 1, self.at + ENDED)
        timers.run_until_quiet(at=self.at + ENDED)

    def take_account(self) -> None:
        """Add the account and let the plan be paid by it, unless that is done."""
        plan = Plan.objects.get(id=self.order.plan_id)
        method = PaymentMethod.objects.filter(consumer=plan.consumer_id, kind="bank_debit").first()
        if method is None:
            method = payments.add_account(consumer=plan.consumer, number="000123456789", currency="USD", at=self.at)
        if plan.payment_method_id != method.id:
            plans.change_method(plan=plan, method=method, at=self.at)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_one_moment_after_the_other_while_a_debit_is_on_its_way(purchase, part):
    undisturbed = purchase(Debited)
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    assert expected["charges"] == [(5_725, 0, "succeeded"), (5_725, 0, "succeeded")]
    assert [status for _, _, status in expected["installments"]] == ["paid", "paid", "scheduled", "scheduled"]
    for moment in range(1 + part * STEP, total - 15, STEP * PARTS):
        one = purchase(Debited)
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        go_on(one)
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"
    assert [line for check in check_books() for line in check.offenders] == []


@dataclass(frozen=True)
class Disturbed(Debited):
    """A purchase sent in part whose shop gives up the rest, and takes all of it back, while its second payment is on its way."""

    def live(self) -> None:
        """Capture a part and charge the card; be debited; release and refund meanwhile; let it arrive, and pay it back."""
        own = {"order_id": self.order.id, "merchant": self.merchant, "actor": "test"}
        self.once("capture", lambda: checkouts.capture_order(**own, amount_minor=12_000, at=self.at))
        timers.run_until_quiet(at=self.at)
        self.take_account()
        timers.run_until_quiet(at=self.at + DUE)
        (debit,) = Charge.objects.filter(reference=self.order.plan.public_id, payment_method__kind="bank_debit")
        meanwhile = self.at + DUE + timedelta(days=1)
        self.once("release", lambda: checkouts.release_order(**own, at=meanwhile))
        self.once("refund", lambda: checkouts.refund_order(**own, amount_minor=12_000, reason="", at=meanwhile))
        timers.run_until_quiet(at=meanwhile)
        control(f"charges/{debit.public_id}/clear")
        hear(debit, 1, self.at + ENDED)
        timers.run_until_quiet(at=self.at + ENDED)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_while_a_debit_is_on_its_way_and_the_shop_takes_all_back(purchase, part):
    undisturbed = purchase(Disturbed)
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    assert (expected["charges"], expected["used"]) == ([(3_000, 3_000, "succeeded"), (3_000, 3_000, "succeeded")], 0)
    assert sum(expected["refunds"]) == 6_000
    for moment in range(1 + part * STEP, total - 15, STEP * PARTS):
        one = purchase(Disturbed)
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        go_on(one)
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"
    assert [line for check in check_books() for line in check.offenders] == []


@pytest.fixture
def on_its_way(buy, merchant, at):
    """Give a plan's second payment while it is on its way, and the plan's order."""
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    collection.run_due(at=at)
    account = payments.add_account(consumer=order.consumer, number="000123456789", currency="USD", at=at)
    plans.change_method(plan=Plan.objects.get(id=order.plan_id), method=account, at=at)
    return order


def test_eight_workers_debit_an_account_once(on_its_way, at_once, at):
    assert sorted(at_once(8, lambda _: collection.run_due(at=at + DUE))) == [0] * 7 + [1]
    assert [(row.amount_minor, row.status) for row in report_charges(reference=on_its_way.plan.public_id)] == [
        (5_725, "succeeded"),
        (5_725, "under_way"),
    ]


@pytest.mark.parametrize("good", [True, False])
def test_events_and_looks_at_once_end_a_debit_once(on_its_way, at_once, at, good):
    collection.run_due(at=at + DUE)
    debit, before = Charge.objects.order_by("id").last(), CreditLine.objects.get().used_minor
    control(f"charges/{debit.public_id}/{'clear' if good else 'fail'}")
    now = at + ENDED

    def work(number: int):
        if number % 3 == 0:
            return payments.resolve_pulls(at=now)
        if number % 3 == 1:
            return collection.run_due(at=now)
        return hear(debit, number, now, good=good)

    results = at_once(9, work)
    assert [result for result in results if isinstance(result, Exception)] == []
    debit.refresh_from_db()
    row = Installment.objects.get(plan=on_its_way.plan_id, number=2)
    told = OutboxEvent.objects.filter(name="plans.installments_paid" if good else "plans.payment_failed")
    assert [event.payload["charge"] for event in told].count(debit.public_id) == 1
    if good:
        assert (debit.status, row.status, row.charge_id) == ("succeeded", "paid", None)
        assert CreditLine.objects.get().used_minor == before - 5_725
    else:
        # The card has its turn at once, by the worker that comes after the failure, here or there.
        collection.run_due(at=now)
        row.refresh_from_db()
        assert (debit.status, row.status, row.attempts) == ("failed", "paid", 1)
        assert Charge.objects.filter(reference=debit.reference).count() == 3
    assert [line for check in check_books() for line in check.offenders] == []
