"""Whatever happens to money after it moved, in whatever order its messages come: the books hold, and say what the gateway says."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest
import requests

from checkout import services as checkouts
from collection import services as collection
from core.errors import DomainError
from ledger.queries import balance, trial_balance
from payments import services as payments
from payments.gateways.base import Notice
from payments.models import Charge, Dispute, Refund, Transfer
from payments.queries import list_unpaid_refunds, sum_fees, sum_withdrawn
from plans.models import Installment
from tests.collection.test_disputes import EVENTS
from tests.collection.test_due_run import captured
from tests.collection.test_payments_taken_back import wrong
from tests.reported import report_charges

DAY = timedelta(days=1)


class Life:
    """A purchase to which things happen at the gateway; what that tells lies in a mailbox, and is heard when and as often as it comes."""

    def __init__(self, order, merchant, settings, at, seed):
        self.order, self.merchant, self.settings, self.at = order, merchant, settings, at
        self.random, self.mailbox, self.disputes = random.Random(seed), [], []

    def bank(self, door, **body):
        """Let something happen at the gateway; None where that cannot be now."""
        headers = {"Authorization": f"Bearer {self.settings.SANDBOX_KEY}"}
        answer = requests.post(f"{self.settings.SANDBOX_URL}/control/{door}", json=body, headers=headers, timeout=30)
        assert answer.status_code in {200, 201, 409}, answer.text
        return answer.json() if answer.ok else None

    def charges(self):
        return list(Charge.objects.filter(reference=self.order.plan.public_id).order_by("id"))

    def refunds(self):
        return list(Refund.objects.filter(reference=self.order.plan.public_id).order_by("id"))

    # What may happen

    def dispute(self):
        charge = self.random.choice(self.charges())
        amount = self.random.choice([{}, {"amount": self.random.randint(1, charge.amount_minor)}])
        if not sum(row.withdrawn_minor for row in report_charges() if row.key == charge.public_id):
            thing = self.bank(f"charges/{charge.public_id}/dispute", **amount)
            if thing:
                self.disputes.append(thing["id"])
                self.mailbox.append(("dispute", thing["id"], "", False))

    def decide(self):
        if self.disputes:
            ref = self.random.choice(self.disputes)
            if self.bank(f"disputes/{ref}/close", outcome=self.random.choice(["won", "lost"])):
                self.mailbox.append(("dispute", ref, "", False))

    def give_back(self):
        charge = self.random.choice(self.charges())
        if self.bank(f"charges/{charge.public_id}/fail", failure="insufficient_funds"):
            self.mailbox.append(("charge", "x", charge.public_id, False))

    def refund(self):
        minor = self.random.randint(100, 9_000)
        self.quietly(checkouts.refund_order, order_id=self.order.id, merchant=self.merchant, amount_minor=minor, reason="", actor="test")

    def send(self):
        payments.send_refunds(at=self.at)

    def refund_fails(self):
        done = [one for one in self.refunds() if one.status == "succeeded"]
        if done:
            one = self.random.choice(done)
            if self.bank(f"refunds/{one.public_id}/fail", failure="unknown"):
                self.mailbox.append(("refund", "x", one.public_id, False))

    def pay_otherwise(self):
        owed = list_unpaid_refunds(self.order.plan.public_id)
        if owed and self.random.random() < 0.5:
            self.quietly(payments.resend_refund, refund_id=owed[0].id, actor="olivia")
        elif owed:
            self.quietly(payments.want_transfer, refund_id=owed[0].id, holder="Ann", account="DK123456", actor="ann")

    def step_transfer(self):
        one = Transfer.objects.filter(status__in=["wanted", "sent"]).order_by("id").first()
        step = self.random.choice(["send", "confirm", "reject"])
        if one is not None and step == "send":
            self.quietly(payments.send_transfer, transfer_id=one.id, bank_reference="B", actor="olivia")
        elif one is not None:
            act = payments.confirm_transfer if step == "confirm" else payments.reject_transfer
            self.quietly(act, transfer_id=one.id, actor="oscar")

    def quietly(self, act, **how):
        with suppress(DomainError):
            act(**how, at=self.at)

    def pass_days(self):
        self.at += DAY * self.random.randint(1, 8)
        collection.run_due(at=self.at)

    def hear_some(self):
        self.random.shuffle(self.mailbox)
        for message in self.mailbox[: self.random.randint(0, 3)]:
            self.hear(message)

    def hear(self, message):
        about, ref, key, good = message
        notice = Notice(event_id=f"msg_{next(EVENTS)}", kind=f"{about}.x", reference=ref, about=about, key=key, good=good)
        return payments.receive_event(gateway="sandbox", notice=notice, at=self.at)

    def hear_all(self):
        self.random.shuffle(self.mailbox)
        for message in self.mailbox:
            self.hear(message)

    def step(self):
        names = "dispute decide decide give_back refund send refund_fails pay_otherwise step_transfer step_transfer pass_days hear_some"
        getattr(self, self.random.choice(names.split()))()

    def assert_true(self):
        """The books hold, and every amount is the gateway's own."""
        assert wrong() == []
        assert all(sum(line.balance_minor for line in trial_balance() if line.currency == code) == 0 for code in ("USD",))
        reported = {row.key: row for row in report_charges()}
        for charge in self.charges():
            if charge.status in {"succeeded", "reversed"}:
                row = reported[charge.public_id]
                by_disputes = sum(sum_withdrawn(charge.id, one.id) for one in Dispute.objects.filter(charge=charge))
                assert (row.withdrawn_minor, row.fee_minor) == (by_disputes, sum_fees(charge.id))
        taken = sum(row.amount_minor - row.refunded_minor - row.withdrawn_minor for row in reported.values() if row.status == "succeeded")
        fees = sum(row.fee_minor for row in reported.values())
        assert balance(kind="cash", owner="sandbox", currency="USD") == taken - fees
        assert not Installment.objects.filter(paid_principal_minor__lt=0).exists()


@pytest.fixture
def life(buy, merchant, settings, at):
    def make(seed):
        order = captured(buy, merchant, at)
        for day in (0, 14):
            collection.run_due(at=at + DAY * day)
        return Life(order, merchant, settings, at + DAY * 14, seed)

    return make


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_turns_and_messages_leaves_true_books(life, seed):
    one = life(seed)
    for _ in range(25):
        one.step()
    one.hear_all()
    one.send()
    one.hear_all()
    one.assert_true()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_two_workers_that_hear_the_same_messages_at_once_record_them_once(life, seed, at_once):
    one = life(100 + seed)
    for _ in range(6):
        for _ in range(4):
            one.step()
        messages = [*one.mailbox, *one.mailbox]
        one.random.shuffle(messages)
        halves = messages[::2], messages[1::2]

        def listen(number, halves=halves):
            for message in halves[number]:
                one.hear(message)

        assert at_once(2, listen) == [None, None]
    one.hear_all()
    one.send()
    one.hear_all()
    one.assert_true()
