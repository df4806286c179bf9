"""A purchase is lived from capture to payout by a process that is killed at one moment after the other; whoever goes on where it
ended brings it to the very same end: each charge, refund and payout once at the gateway, each line once in the books.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from checkout import services as checkouts
from checkout.models import Order
from collection import handlers as collection_handlers
from collection import services as collection
from core import timers
from core.clock import wall
from core.idempotency import Once, run_once
from core.models import Delivery
from core.money import Money
from core.remote import sandbox
from credit.models import CreditLine, ReviewPass
from ledger.models import Line
from markets.models import Market
from merchants.models import Merchant, Settlement
from merchants.services import create_merchant
from payments.models import Authorization, Charge, Payout, Refund
from plans.models import Installment, Plan
from plans.queries import installments_of
from reports.books import check_books
from tests.exactly_once.dying import count_moments, live_until
from tests.offer_rules import offer_rule, rule_offers
from tests.owner import tamper
from tests.reported import report_charges
from tests.sizes import sized
from webhooks import handlers as webhook_handlers
from webhooks.models import MerchantEvent

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = itertools.count(1)
# Of some 150 moments every seventh; with a step of one it takes minutes.
STEP = sized(7, 15)
PARTS = 2
RELEASE_STEP = sized(4, 7)
DEPOSIT_STEP = sized(13, 17)


@dataclass(frozen=True)
class Purchase:
    """An order of a shop and a person of its own, so that what is done to it is nobody else's."""

    order: Order
    merchant: Merchant
    at: datetime

    def once(self, key: str, work) -> None:
        """Do what the shop asks for under a key, as the doors do."""

        def answer():
            work()
            return 201, {}

        run_once(scope=self.merchant.public_id, key=key, print_=key, at=self.at, work=answer)

    def live(self) -> None:
        """Capture, be charged, pay the next one early, refund more than is open, be settled and paid out."""
        own = {"order_id": self.order.id, "merchant": self.merchant, "actor": "test", "at": self.at}
        self.once("capture", lambda: checkouts.capture_order(**own, amount_minor=None))
        timers.run_until_quiet(at=self.at)
        self.pay_the_second()
        self.once("refund", lambda: checkouts.refund_order(**own, amount_minor=19_000, reason=""))
        timers.run_until_quiet(at=self.at + timedelta(days=1))

    def pay_the_second(self) -> None:
        """Pay the second installment unless that is done or under way."""
        plan = Plan.objects.select_related("consumer", "payment_method").get(id=self.order.plan_id)
        if Installment.objects.filter(plan=plan, number=2, status="scheduled", charge_id=None).exists():
            collection.pay_now(consumer=plan.consumer, plan=plan, scope="next", method=plan.payment_method, actor="person", at=self.at)

    def outcome(self) -> dict[str, object]:
        """Return what came of it, here and at the gateway, without names."""
        plan, own = self.order.plan.public_id, self.merchant.public_id
        refunds = sandbox().get("/gateway/v1/refunds", {"reference": plan})["data"]
        settled = list(Settlement.objects.filter(merchant=self.merchant))
        payouts = [row for one in settled for row in sandbox().get("/gateway/v1/payouts", {"reference": one.public_id})["data"]]
        lines = Line.objects.filter(entry__source__in=self._sources(settled)).values_list("entry__kind", "account__kind", "amount_minor")
        events = list(MerchantEvent.objects.filter(merchant=self.merchant).order_by("sequence").values_list("sequence", "type"))
        return {
            "order": Order.objects.values_list("status", "captured_minor", "released_minor").get(id=self.order.id),
            "used": CreditLine.objects.get(consumer_id=self.order.consumer_id).used_minor,
            "held": Authorization.objects.filter(id=self.order.authorization_id, released_at=None).count(),
            "installments": [(row.amount_minor, row.paid_minor, row.status) for row in installments_of(self.order.plan)],
            "charges": sorted((charge.amount_minor, charge.refunded_minor, charge.status) for charge in report_charges(reference=plan)),
            "rows": sorted(Charge.objects.filter(reference=plan).values_list("amount_minor", "refunded_minor", "status")),
            "refunds": sorted(row["amount"] for row in refunds),
            "settlements": sorted((one.sales_minor, one.returns_minor, one.payout_minor, one.item_count) for one in settled),
            "payouts": sorted((row["amount"], row["status"]) for row in payouts),
            "lines": sorted(lines),
            "numbers": [sequence for sequence, _ in events],
            "events": sorted(kind for _, kind in events),
            "waiting": Delivery.objects.filter(done_at=None, event__payload__merchant=own).count(),
        }

    def _sources(self, settled: list[Settlement]) -> list[str]:
        plan = self.order.plan.public_id
        movements = [*Charge.objects.filter(reference=plan), *Refund.objects.filter(reference=plan)]
        movements += Payout.objects.filter(reference__in=[one.public_id for one in settled])
        return [one.public_id for one in (*movements, *settled, *self.order.captures.all(), *self.order.refunds.all())]


@dataclass(frozen=True)
class PaidFreely(Purchase):
    """An order of which the person pays an amount of their own choice."""

    def pay_the_second(self) -> None:
        """Pay 80.00 by a form that is sent again after each death."""
        plan = Plan.objects.select_related("consumer", "payment_method").get(id=self.order.plan_id)
        told = {"consumer": plan.consumer, "plan": plan, "method": plan.payment_method, "actor": "person", "at": self.at}
        once = Once(scope=f"portal:{self.order.public_id}", key="form", print_="form")
        collection.pay_freely(amount=Money(8_000, "USD"), once=once, **told)


@dataclass(frozen=True)
class PartlySent(Purchase):
    """An order of which only a part is sent, and the rest given up."""

    def live(self) -> None:
        """Capture a part, be charged for it, release the rest twice, be settled and paid out."""
        own = {"order_id": self.order.id, "merchant": self.merchant, "actor": "test", "at": self.at}
        self.once("capture", lambda: checkouts.capture_order(**own, amount_minor=10_000))
        for key in ("release", "release-again"):
            self.once(key, lambda: checkouts.release_order(**own))
        timers.run_until_quiet(at=self.at)
        timers.run_until_quiet(at=self.at + timedelta(days=1))


@dataclass(frozen=True)
class WithDeposit(Purchase):
    """An order with a deposit of which only a part is sent, and the rest given up."""

    def live(self) -> None:
        """Charge the deposit whole, capture a part, release the rest, be settled and paid out."""
        own = {"order_id": self.order.id, "merchant": self.merchant, "at": self.at}
        if Order.objects.get(id=self.order.id).status == "authorized":
            checkouts.take_deposit(**own, amount_minor=10_000)
        self.once("capture", lambda: checkouts.capture_order(**own, actor="test", amount_minor=10_000))
        self.once("release", lambda: checkouts.release_order(**own, actor="test"))
        timers.run_until_quiet(at=self.at)
        timers.run_until_quiet(at=self.at + timedelta(days=1))


@pytest.fixture
def purchase(buy, at, monkeypatch):
    """Give a function that makes the next purchase of a kind; nobody is woken, so that the process that lives it does all."""
    monkeypatch.setattr(collection_handlers, "_wake", lambda _plan: None)
    monkeypatch.setattr(webhook_handlers, "_wake", lambda: None)

    def make(kind: type[Purchase] = Purchase) -> Purchase:
        number = next(NUMBERS)
        # Each life meets its days anew, with the daily review of limits and the close of each day.
        ReviewPass.objects.all().delete()
        tamper("DELETE FROM collection_closedday")
        shop = create_merchant(
            name=f"Shop {number}",
            legal_name="Shop Inc.",
            market=Market.objects.get(code="US"),
            payout_destination="bank-1",
            slug=f"s{number}",
            at=at,
        )
        return kind(buy(shop, 22_900, email=f"p{number}+approve@people.example"), shop, at)

    return make


def go_on(purchase: Purchase) -> None:
    """Let claims of the dead end and live on, as the shop that asks again and as workers that find what is due."""
    for _ in range(2):
        for model in (Charge, Refund, Payout, Authorization):
            model.objects.filter(claimed_until__isnull=False).update(claimed_until=wall() - timedelta(seconds=1))
        timers.run_until_quiet(at=purchase.at)
    purchase.live()


EXPECTED = {
    "installments": [(5_725, 5_725, "paid"), (5_725, 5_725, "paid"), (0, 0, "canceled"), (0, 0, "canceled")],
    "charges": [(5_725, 1_825, "succeeded"), (5_725, 5_725, "succeeded")],
    "refunds": [1_825, 5_725],
    "settlements": [(22_900, 19_000, 3_744, 2)],
    "payouts": [(3_744, "paid")],
}


def test_a_life_that_nobody_ends(purchase):
    undisturbed = purchase()
    assert count_moments(undisturbed.live) > 100
    outcome = undisturbed.outcome()
    assert {key: outcome[key] for key in EXPECTED} == EXPECTED
    assert outcome["numbers"] == list(range(1, len(outcome["events"]) + 1))
    assert set(outcome["events"]) == {"order.authorized", "order.captured", "order.refunded", "plan.completed", "settlement.created"}


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_one_moment_after_the_other(purchase, part):
    undisturbed = purchase()
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    # The very last moments depend on what else is in the database.
    for moment in range(1 + part * STEP, total - 5, STEP * PARTS):
        one = purchase()
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        go_on(one)
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"
    assert [line for check in check_books() for line in check.offenders] == []


def test_an_amount_of_ones_own_choice_is_taken_once_whenever_its_process_dies(purchase):
    undisturbed = purchase(PaidFreely)
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    assert expected["charges"] == [(5_725, 1_825, "succeeded"), (8_000, 8_000, "succeeded")]
    for moment in range(total // 4, total - 5, 23):
        one = purchase(PaidFreely)
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        go_on(one)
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"


def test_a_deposit_is_charged_once_and_its_rest_goes_back_whenever_the_process_dies(purchase):
    rule_offers(offer_rule("deposit", 0.5))
    undisturbed = purchase(WithDeposit)
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    assert (expected["order"], expected["used"], expected["held"]) == (("captured", 10_000, 12_900), 5_000, 0)
    assert (expected["charges"], expected["refunds"]) == ([(11_450, 6_450, "succeeded")], [6_450])
    for moment in range(1, total - 5, DEPOSIT_STEP):
        one = purchase(WithDeposit)
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        go_on(one)
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"
    assert [line for check in check_books() for line in check.offenders] == []


@pytest.mark.parametrize("part", range(PARTS))
def test_a_release_that_is_killed_at_one_moment_after_the_other(purchase, part):
    undisturbed = purchase(PartlySent)
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    assert (expected["order"], expected["used"], expected["held"]) == (("captured", 10_000, 12_900), 7_500, 0)
    assert expected["charges"] == [(2_500, 0, "succeeded")]
    assert expected["events"].count("order.released") == 1
    for moment in range(1 + part * RELEASE_STEP, total - 5, RELEASE_STEP * PARTS):
        one = purchase(PartlySent)
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        go_on(one)
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"
    assert [line for check in check_books() for line in check.offenders] == []
