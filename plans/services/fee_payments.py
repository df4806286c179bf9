"""Fees that charges pay: which fee of an installment an amount pays, and what is written of it."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from plans.fees import Fees, charged_fees, open_kinds
from plans.models import Fee, FeePayment, Installment
from plans.rules.allocation import OpenItem
from plans.rules.fees import PENALTIES


def share_out(rooms: Iterable[tuple[Fee, int]], *, penalty_minor: int, fee_minor: int) -> Iterator[tuple[Fee, int]]:
    """Yield what amounts of penalties and of other fees take of fees, each with its room, in their order."""
    left = {True: penalty_minor, False: fee_minor}
    for fee, room in rooms:
        taken = min(left[fee.kind in PENALTIES], room)
        if taken:
            left[fee.kind in PENALTIES] -= taken
            yield fee, taken


@dataclass(slots=True)
class FeeBook:
    """The charged fees of locked plans, in memory, and what charges pay of them until it is saved."""

    fees: Fees
    changed: dict[uuid.UUID, Fee] = field(default_factory=dict)
    payments: list[FeePayment] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Iterable[Installment]) -> "FeeBook":
        """Return the book of some installments; no query if none has a fee."""
        return cls(charged_fees(rows))

    def item(self, row: Installment) -> OpenItem:
        """Return what is open of an installment, in minor units by kind."""
        penalty, fee = open_kinds(self.fees.get(row.id, ()))
        return OpenItem(
            row.number, row.principal_minor - row.paid_principal_minor, row.interest_minor - row.paid_interest_minor, fee, penalty
        )

    def pay(self, row: Installment, *, penalty_minor: int, fee_minor: int, charge_id: uuid.UUID, at: datetime) -> None:
        """Let a charge pay amounts of an installment's penalties and other fees, the oldest first."""
        row.paid_fees_minor += penalty_minor + fee_minor
        rooms = [(fee, fee.open_minor) for fee in self.fees.get(row.id, ())]
        for fee, taken in share_out(rooms, penalty_minor=penalty_minor, fee_minor=fee_minor):
            fee.paid_minor += taken
            self.changed[fee.id] = fee
            self.payments.append(FeePayment(fee=fee, charge_id=charge_id, amount_minor=taken, at=at))

    def save(self) -> None:
        """Write what was paid; two statements, none if nothing was."""
        if self.changed:
            Fee.objects.bulk_update(self.changed.values(), ["paid_minor"])
            FeePayment.objects.bulk_create(self.payments)
