"""Why a payment is asked for no more."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from plans.rules.endings import Ending, endings_of

AT = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Change:
    kind: str
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    at: datetime = AT


def row(number, amount, status, *, paid=0, interest=0):
    return {"number": number, "amount_minor": amount, "interest_minor": interest, "paid_minor": paid, "status": status}


def test_a_withdrawal_gathers_what_is_left_of_a_shipment_in_one_payment():
    before = [row(1, 100, "overdue"), row(2, 100, "scheduled"), row(3, 100, "partially_paid", paid=40), row(4, 50, "scheduled")]
    after = [row(1, 0, "canceled"), row(2, 260, "scheduled"), row(3, 40, "paid", paid=40), row(4, 50, "scheduled")]
    found = endings_of([Change("withdrawal", before, after)], {1: 1, 2: 1, 3: 1, 4: 2})
    assert found == {1: Ending("withdrawal", 100, AT, 2), 3: Ending("withdrawal", 60, AT, 2)}


def test_what_is_too_small_is_waived_also_what_is_left_of_a_payment():
    change = Change(
        "waived",
        [row(1, 100, "paid", paid=100), row(2, 11, "scheduled"), row(3, 50, "partially_paid", paid=40)],
        [row(1, 100, "paid", paid=100), row(2, 0, "canceled"), row(3, 40, "paid", paid=40)],
    )
    assert endings_of([change], {1: 1, 2: 1, 3: 1}) == {2: Ending("waived", 11, AT), 3: Ending("waived", 10, AT)}


def test_a_refund_takes_payments_and_a_payment_ends_none():
    refund = Change("refund", [row(1, 100, "scheduled"), row(2, 100, "scheduled")], [row(1, 100, "scheduled"), row(2, 0, "canceled")])
    early = Change("early", [row(1, 100, "scheduled")], [row(1, 100, "paid", paid=100)])
    assert endings_of([refund, early], {1: 1, 2: 1}) == {2: Ending("refund", 100, AT)}
