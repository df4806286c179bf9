"""What waits about a failed try makes room for what is newer."""

from datetime import timedelta

import pytest

from notifications import handlers
from notifications.models import Message
from plans import events as plan_events
from plans.models import Installment
from tests.notifications.conftest import AT
from tests.notifications.test_handlers import of_plan, order

pytestmark = pytest.mark.django_db
__all__ = ["order"]


def test_what_still_waits_about_an_earlier_try_makes_room(order):
    def fail(charge, *numbers):
        failed = {"installments": list(numbers), "charge": charge, "failure": "insufficient_funds", "action": "retry"}
        handlers.on_payment_failed(plan_events.PaymentFailed(**of_plan(order), **failed, next_attempt_at=None), at=AT)

    def waiting():
        found = Message.objects.filter(channel="email", kind="payment_failed", status="queued").order_by("id")
        return [one.dedupe.split(":")[1] for one in found]

    fail("chg_1", 1)
    fail("chg_2", 2)
    for _ in range(2):
        fail("chg_3", 1, 2)
    assert waiting() == ["chg_3"]
    fail("chg_4", 3)
    assert waiting() == ["chg_3", "chg_4"]
    # The letter about what is late tells of all of it.
    late = AT + timedelta(days=17)
    Installment.objects.filter(plan=order.plan_id, number=1).update(status="paid", paid_principal_minor=5_725)
    fail("chg_5", 2)
    handlers.on_installment_overdue(plan_events.InstallmentOverdue(**of_plan(order), number=2), at=late)
    assert waiting() == ["chg_3", "chg_4"]
