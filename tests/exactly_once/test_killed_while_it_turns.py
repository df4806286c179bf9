"""A payment that is disputed, lost, won after all, and a refund that comes back and is paid by hand: lived by a process that is killed at
one moment after the other. Whoever goes on where it ended brings the books to the very same end.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
import requests
from django.conf import settings

from checkout import services as checkouts
from core import timers
from core.remote import sandbox
from ledger.models import Line
from payments import services as payments
from payments.gateways.base import Notice
from payments.models import Charge, Dispute, MovementEvent, Refund
from payments.queries import find_transfer, is_unpaid
from plans.queries import installments_of
from reports.books import check_books
from tests.exactly_once.dying import count_moments, live_until
from tests.exactly_once.test_killed_anywhere import Purchase, go_on, purchase
from tests.sizes import sized

__all__ = ["purchase"]
pytestmark = pytest.mark.django_db(transaction=True)
STEP = sized(9, 19)
PARTS = 2


def control(door, **body):
    """Let something happen at the gateway; what happened there before cannot happen again."""
    headers = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    answer = requests.post(f"{settings.SANDBOX_URL}/control/{door}", json=body, headers=headers, timeout=30)
    assert answer.status_code in {200, 201, 409}, answer.text


@dataclass(frozen=True)
class Turning(Purchase):
    """A purchase whose money comes back in more than one way."""

    def live(self) -> None:
        """Capture and charge; dispute, lose, win; refund, come back, be paid by hand. Again: what is done stays done."""
        own = {"order_id": self.order.id, "merchant": self.merchant, "actor": "test", "at": self.at}
        self.once("capture", lambda: checkouts.capture_order(**own, amount_minor=None))
        timers.run_until_quiet(at=self.at)
        charge = Charge.objects.get(reference=self.order.plan.public_id)
        for outcome in ("", "lost", "won"):
            self.dispute(charge, outcome)
        self.once("refund", lambda: checkouts.refund_order(**own, amount_minor=18_175, reason=""))
        timers.run_until_quiet(at=self.at + timedelta(days=1))
        refund = Refund.objects.get(charge=charge)
        control(f"refunds/{refund.public_id}/fail")
        self.hear("refund", "x", refund.public_id, "back")
        self.pay_by_hand(refund)

    def dispute(self, charge: Charge, outcome: str) -> None:
        """Let the bank open or decide the dispute, unless it has, and hear of it."""
        found = sandbox().get("/gateway/v1/disputes", {"charge": charge.gateway_ref})["data"]
        if not outcome and not found:
            control(f"charges/{charge.public_id}/dispute")
        elif outcome and found[0]["status"] != "won" and not Dispute.objects.filter(charge=charge, status="won").exists():
            control(f"disputes/{found[0]['id']}/close", outcome=outcome)
        (dispute,) = sandbox().get("/gateway/v1/disputes", {"charge": charge.gateway_ref})["data"]
        self.hear("dispute", dispute["id"], "", outcome or "open")

    def hear(self, about: str, ref: str, key: str, what: str) -> None:
        """Hear an event, as often as it comes."""
        notice = Notice(event_id=f"msg_{self.order.public_id}_{about}_{what}", kind=f"{about}.x", reference=ref, about=about, key=key)
        payments.receive_event(gateway="sandbox", notice=notice, at=self.at)

    def pay_by_hand(self, refund: Refund) -> None:
        """Name an account, pay it, confirm it: each unless it is done."""
        if is_unpaid(refund.id) and find_transfer(refund.id) is None:
            payments.want_transfer(refund_id=refund.id, holder="Ann", account="DK123456", actor="ann", at=self.at)
        transfer = find_transfer(refund.id)
        assert transfer is not None
        if transfer.status == "wanted":
            payments.send_transfer(transfer_id=transfer.id, bank_reference="B", actor="olivia", at=self.at)
        transfer.refresh_from_db()
        if transfer.status == "sent":
            payments.confirm_transfer(transfer_id=transfer.id, actor="oscar", at=self.at)

    def outcome(self) -> dict[str, object]:
        """Return what came of it: the installments, the turns, and all lines of the plan's accounts."""
        plan = self.order.plan.public_id
        lines = Line.objects.filter(account__owner=plan).values_list("entry__kind", "account__kind", "amount_minor")
        return {
            "installments": [(row.amount_minor, row.paid_minor, row.status) for row in installments_of(self.order.plan)],
            "turns": sorted(MovementEvent.objects.filter(reference=plan).values_list("kind", "amount_minor")),
            "refunds": list(Refund.objects.filter(reference=plan).values_list("amount_minor", "status")),
            "lines": sorted(lines),
        }


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_one_moment_after_the_other_while_money_turns(purchase, part):
    undisturbed = purchase(Turning)
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    assert [kind for kind, _ in expected["turns"]] == ["fee", "fee_returned", "reinstated", "returned", "reversed", "transferred"]
    for moment in range(1 + part * STEP, total - 5, STEP * PARTS):
        one = purchase(Turning)
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        go_on(one)
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"
    assert [line for check in check_books() for line in check.offenders] == []
