"""A process that reads a gateway's list of events is killed at one moment after the other; the next one loses and doubles nothing."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from checkout import services as checkouts
from core import timers
from core.remote import sandbox
from payments import services as payments
from payments.models import Charge, Dispute, EventReading, GatewayEvent, MovementEvent, Refund
from reports.books import check_books
from tests.exactly_once.dying import count_moments, live_until
from tests.exactly_once.test_killed_anywhere import Purchase, purchase
from tests.exactly_once.test_killed_while_it_turns import control

__all__ = ["purchase"]
pytestmark = pytest.mark.django_db(transaction=True)
STEP = 3
PARTS = 2


@dataclass(frozen=True)
class Silent(Purchase):
    """A purchase of which a charge is disputed and a refund comes back, and no event arrives."""

    def happen(self) -> None:
        """Let all of it happen at the gateway."""
        own = {"order_id": self.order.id, "merchant": self.merchant, "actor": "test", "at": self.at}
        checkouts.capture_order(**own, amount_minor=None)
        timers.run_until_quiet(at=self.at)
        checkouts.refund_order(**own, amount_minor=18_175, reason="")
        timers.run_until_quiet(at=self.at + timedelta(days=1))
        sandbox().post("/control/chaos", {"target": "gateway", "lose_events": True})
        (refund,) = Refund.objects.filter(reference=self.order.plan.public_id)
        control(f"refunds/{refund.public_id}/fail")
        charge = Charge.objects.filter(reference=self.order.plan.public_id).order_by("id").first()
        control(f"charges/{charge.public_id}/dispute")
        EventReading.objects.all().delete()

    def live(self) -> None:
        """Read a page after the other, until the list is read to its end."""
        for _ in range(10):
            payments.read_events(at=self.at)

    def outcome(self) -> dict[str, object]:
        """Return what is kept of the purchase."""
        plan = self.order.plan.public_id
        return {
            "turns": sorted(MovementEvent.objects.filter(reference=plan).values_list("kind", "amount_minor")),
            "refunds": list(Refund.objects.filter(reference=plan).values_list("status", flat=True)),
            "disputes": list(Dispute.objects.filter(reference=plan).values_list("status", "turns")),
        }


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_one_moment_after_the_other_while_it_reads(purchase, part, monkeypatch):
    monkeypatch.setattr("payments.gateways.sandbox.REPORT_PAGE", 1)
    undisturbed = purchase(Silent)
    undisturbed.happen()
    total = count_moments(undisturbed.live)
    expected = undisturbed.outcome()
    assert expected["disputes"] == [("open", 1)]
    assert [kind for kind, _ in expected["turns"]] == ["fee", "returned", "reversed"]
    for moment in range(1 + part * STEP, total + 1, STEP * PARTS):
        one = purchase(Silent)
        one.happen()
        assert live_until(moment, one.live), f"moment {moment} of {total} was not reached"
        one.live()
        assert one.outcome() == expected, f"killed at moment {moment} of {total}"
        assert EventReading.objects.get().page == ""
    assert [line for check in check_books() for line in check.offenders] == []
    ids = list(GatewayEvent.objects.values_list("event_id", flat=True))
    assert len(ids) == len(set(ids))
