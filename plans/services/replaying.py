"""Free payments allocated anew, because what else pays their plan changed: as if all had come in time, in the order of their days.

Charges that were made for installments stay with them; what free payments pay is lifted off, and put back by their own days and orders.
Amounts that were refunded, and those on installments that another charge is under way for, stay where they are. So do those of a plan with
interest of which one paid before its date: that payment has changed the interest itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plans.freely import buckets_of
from plans.models import Allocation, FreePayment, Installment, Plan
from plans.rules.allocation import Debt, spread
from plans.rules.interest import Parts


@dataclass(slots=True)
class Replay:
    """What the free payments of a locked plan pay, lifted off its installments until it is put back.

    `lifted` are the allocations by the place of their payment in `payments` and the number of the installment, `amounts` what each payment
    pays with, in minor units. `interest_moved` is how much more interest, and less principal, they pay once they are put back.
    """

    plan: Plan
    rows: Mapping[int, Installment]
    payments: list[FreePayment] = field(default_factory=list)
    known: dict[tuple[int, int], Allocation] = field(default_factory=dict)
    lifted: set[tuple[int, int]] = field(default_factory=set)
    amounts: dict[int, int] = field(default_factory=dict)
    interest_moved: int = 0
    written: list[Allocation] = field(default_factory=list)

    @classmethod
    def lift(cls, plan: Plan, rows: Mapping[int, Installment]) -> "Replay":
        """Lift what free payments pay off the installments, in memory; one query where the plan has none, else two."""
        payments = list(FreePayment.objects.filter(plan=plan).select_related("order", "charge").order_by("value_on", "id"))
        replay = cls(plan, rows, payments)
        if payments:
            replay._take_off()
        return replay

    def _take_off(self) -> None:
        places = {one.charge_id: place for place, one in enumerate(self.payments)}
        found = Allocation.objects.filter(charge_id__in=places, installment__plan=self.plan).select_related("installment")
        self.known = mine = {(places[one.charge_id], one.installment.number): one for one in found}
        days = [one.value_on for one in self.payments]
        if self.plan.product.rate_bps and any(self.rows[number].due_date > days[place] for place, number in mine):
            self.payments = []
            return
        for (place, number), one in mine.items():
            row, (principal, interest) = self.rows[number], _standing(one)
            if one.refunded_minor or row.refunded_minor or row.charge_id is not None or not principal + interest:
                continue
            self.lifted.add((place, number))
            self.amounts[place] = self.amounts.get(place, 0) + principal + interest
            row.paid_principal_minor -= principal
            row.paid_interest_minor -= interest
            self.interest_moved -= interest

    def put_back(self) -> dict[int, int]:
        """Allocate the lifted amounts anew, in memory; return what nothing is open for, by the place of the payment in `payments`."""
        wanted: dict[tuple[int, int], Parts] = {}
        left: dict[int, int] = {}
        for place, amount in sorted(self.amounts.items()):
            one = self.payments[place]
            shares, over = spread(amount, self._debts(), day=one.value_on, buckets=buckets_of(one.order))
            for share in shares:
                parts = share.amounts.get("principal", 0), share.amounts.get("interest", 0)
                wanted[place, share.number] = parts
                self.rows[share.number].paid_principal_minor += parts[0]
                self.rows[share.number].paid_interest_minor += parts[1]
                self.interest_moved += parts[1]
            if over:
                left[place] = over
        for key in {*self.lifted, *wanted}:
            self._write(key, wanted.get(key, (0, 0)))
        return left

    def _debts(self) -> list[Debt]:
        return [
            Debt(
                0,
                row.number,
                row.due_date,
                {"principal": row.principal_minor - row.paid_principal_minor, "interest": row.interest_minor - row.paid_interest_minor},
            )
            for row in self.rows.values()
            if row.charge_id is None and row.open_minor > 0
        ]

    def _write(self, key: tuple[int, int], parts: Parts) -> None:
        """Let an allocation stand for these amounts; what was taken back or refunded of it is beside them."""
        payment = self.payments[key[0]]
        new = Allocation(installment=self.rows[key[1]], charge_id=payment.charge_id, principal_minor=0, interest_minor=0, at=payment.at)
        one = self.known.get(key, new)
        # What was not lifted stays, and is added to.
        standing = _standing(one) if key in self.lifted else (0, 0)
        if standing == parts:
            return
        one.principal_minor += parts[0] - standing[0]
        one.interest_minor += parts[1] - standing[1]
        self.written.append(one)

    def save(self) -> None:
        """Write the changed allocations."""
        Allocation.objects.bulk_update([one for one in self.written if one.pk], ["principal_minor", "interest_minor"])
        Allocation.objects.bulk_create([one for one in self.written if not one.pk])


def _standing(one: Allocation) -> Parts:
    """Return the (principal, interest) that an allocation still pays, refunded parts left out."""
    return (
        one.principal_minor - one.refunded_minor - one.undone_principal_minor,
        one.interest_minor - one.undone_interest_minor,
    )
