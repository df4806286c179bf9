"""Free payments allocated anew, because what else pays their plan changed: as if all had come in time, in the order of their days.

Charges that were made for installments stay with them; what free payments pay is lifted off, and put back by their own days and orders.
Amounts that were refunded, and those on installments that another charge is under way for, stay where they are. So do those of a plan with
interest of which one paid before its date: that payment has changed the interest itself.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.clock import local_date
from plans.freely import buckets_of, debt_of
from plans.models import Allocation, Fee, FeePayment, FreePayment, Installment, Plan
from plans.rules.allocation import Debt, Share, spread
from plans.rules.interest import Parts
from plans.services.fee_payments import FeeBook, share_out


@dataclass(slots=True)
class Replay:
    """What the free payments of a locked plan pay, lifted off its installments until it is put back.

    `amounts` is what each payment pays with, in minor units, by its place in `payments`. `interest_moved` and `fees_moved` are how much
    more interest and fees, and less principal, they pay once they are put back.
    """

    plan: Plan
    rows: Mapping[int, Installment]
    book: FeeBook
    payments: list[FreePayment] = field(default_factory=list)
    known: dict[tuple[int, int], Allocation] = field(default_factory=dict)
    known_fees: dict[tuple[int, uuid.UUID], FeePayment] = field(default_factory=dict)
    lifted: set[tuple[int, int]] = field(default_factory=set)
    lifted_fees: set[tuple[int, uuid.UUID]] = field(default_factory=set)
    amounts: dict[int, int] = field(default_factory=dict)
    interest_moved: int = 0
    fees_moved: int = 0
    written: list[Allocation] = field(default_factory=list)
    written_fees: list[FeePayment] = field(default_factory=list)

    @classmethod
    def lift(cls, plan: Plan, rows: Mapping[int, Installment], book: FeeBook) -> "Replay":
        """Lift what free payments pay off the installments and fees, in memory; one query where the plan has none, else up to three."""
        payments = list(FreePayment.objects.filter(plan=plan).select_related("order", "charge").order_by("value_on", "id"))
        replay = cls(plan, rows, book, payments)
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
        self._take_off_fees(places)

    def _take_off_fees(self, places: Mapping[uuid.UUID, int]) -> None:
        charged = {fee.id: fee for fees in self.book.fees.values() for fee in fees}
        if not charged:
            return
        rows = {row.id: row for row in self.rows.values()}
        for one in FeePayment.objects.filter(charge_id__in=places, fee__in=charged):
            fee, place = charged[one.fee_id], places[one.charge_id]
            row, standing = rows[fee.installment_id], one.standing_minor
            self.known_fees[place, fee.id] = one
            if one.returned_minor or row.charge_id is not None or not standing:
                continue
            self.lifted_fees.add((place, fee.id))
            self.amounts[place] = self.amounts.get(place, 0) + standing
            self._move_fee(row, fee, -standing)

    def leave(self) -> None:
        """Put back what was lifted where it was, in memory."""
        for place, number in self.lifted:
            principal, interest = _standing(self.known[place, number])
            self.rows[number].paid_principal_minor += principal
            self.rows[number].paid_interest_minor += interest
        rows, charged = {row.id: row for row in self.rows.values()}, {fee.id: fee for fees in self.book.fees.values() for fee in fees}
        for key in self.lifted_fees:
            fee = charged[key[1]]
            self._move_fee(rows[fee.installment_id], fee, self.known_fees[key].standing_minor)

    def reaches_ahead(self, place: int, amount_minor: int) -> bool:
        """Return whether an amount of a payment's day pays what fell due later, so that it would change interest."""
        day, opened = self.payments[place].value_on, [row for row in self.rows.values() if row.open_minor > row.open_fees_minor]
        due = sum(row.open_minor for row in self.rows.values() if row.due_date <= day)
        return amount_minor > due and any(row.due_date > day for row in opened)

    def _move_fee(self, row: Installment, fee: Fee, minor: int) -> None:
        fee.paid_minor += minor
        row.paid_fees_minor += minor
        self.fees_moved += minor
        self.book.changed[fee.id] = fee

    def put_back(self, doubted: Iterable[Fee] = ()) -> tuple[dict[int, int], list[Fee]]:
        """Allocate the lifted amounts anew, in memory.

        Return what nothing is open for, by the place of the payment in `payments`, and those of the `doubted` fees that would not have
        come: nothing of their installment was open when their day was closed. Nothing is paid of these.
        """
        wanted: dict[tuple[int, int], Parts] = {}
        wanted_fees: dict[tuple[int, uuid.UUID], int] = {}
        left, gone = dict[int, int](), list[Fee]()
        waiting = sorted(doubted, key=lambda fee: (fee.on, fee.id))
        fixed = self._fixed_days() if waiting else {}
        for place, amount in sorted(self.amounts.items()):
            one = self.payments[place]
            waiting = self._settle_doubts(waiting, fixed, wanted, gone, upto=one.value_on)
            shares, over = spread(amount, self._debts(one.value_on, gone), day=one.value_on, buckets=buckets_of(one.order))
            for share in shares:
                wanted[place, share.number] = self._pay(share)
                for fee, minor in self._pay_fees(share, one.value_on, gone):
                    wanted_fees[place, fee.id] = minor
            if over:
                left[place] = over
        self._settle_doubts(waiting, fixed, wanted, gone, upto=None)
        for key in {*self.lifted, *wanted}:
            self._write(key, wanted.get(key, (0, 0)))
        for fee_key in {*self.lifted_fees, *wanted_fees}:
            self._write_fee(fee_key, wanted_fees.get(fee_key, 0))
        return left, gone

    def _fixed_days(self) -> dict[int, list[tuple[date, int]]]:
        """Return what charges that stay pay of principal and interest, with their days, by the number of the installment."""
        places = {one.charge_id for one in self.payments}
        found: dict[int, list[tuple[date, int]]] = {}
        rows = {row.id: row.number for row in self.rows.values()}
        for one in Allocation.objects.filter(installment__in=rows).exclude(charge_id__in=places):
            found.setdefault(rows[one.installment_id], []).append((local_date(one.at, self.plan.time_zone), sum(_standing(one))))
        return found

    def _settle_doubts(
        self,
        waiting: list[Fee],
        fixed: Mapping[int, list[tuple[date, int]]],
        wanted: Mapping[tuple[int, int], Parts],
        gone: list[Fee],
        *,
        upto: date | None,
    ) -> list[Fee]:
        """Decide about the doubted fees of days before `upto` (all without it); return the others."""
        rows = {row.id: row for row in self.rows.values()}
        for fee in waiting:
            if upto is not None and fee.on >= upto:
                break
            row = rows[fee.installment_id]
            by_charges = sum(minor for day, minor in fixed.get(row.number, ()) if day <= fee.on)
            by_free = sum(sum(parts) for (_, number), parts in wanted.items() if number == row.number)
            if row.principal_minor + row.interest_minor <= by_charges + by_free:
                gone.append(fee)
        return [fee for fee in waiting if upto is not None and fee.on >= upto]

    def _debts(self, day: date, gone: Iterable[Fee]) -> list[Debt]:
        left_out = {fee.id for fee in gone}
        fees = {key: [fee for fee in found if fee.id not in left_out] for key, found in self.book.fees.items()}
        return [
            debt_of(row, fees, row.principal_minor - row.paid_principal_minor, row.interest_minor - row.paid_interest_minor, day=day)
            for row in self.rows.values()
            if row.charge_id is None and row.open_minor > 0
        ]

    def _pay(self, share: Share) -> Parts:
        parts = share.amounts.get("principal", 0), share.amounts.get("interest", 0)
        row = self.rows[share.number]
        row.paid_principal_minor += parts[0]
        row.paid_interest_minor += parts[1]
        self.interest_moved += parts[1]
        return parts

    def _pay_fees(self, share: Share, day: date, gone: Iterable[Fee]) -> list[tuple[Fee, int]]:
        row, left_out = self.rows[share.number], {fee.id for fee in gone}
        rooms = [(fee, fee.open_minor) for fee in self.book.fees.get(row.id, ()) if fee.on <= day and fee.id not in left_out]
        paid = list(share_out(rooms, penalty_minor=share.amounts.get("penalty", 0), fee_minor=share.amounts.get("fee", 0)))
        for fee, taken in paid:
            self._move_fee(row, fee, taken)
        return paid

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

    def _write_fee(self, key: tuple[int, uuid.UUID], minor: int) -> None:
        payment = self.payments[key[0]]
        one = self.known_fees.get(key) or FeePayment(fee_id=key[1], charge_id=payment.charge_id, amount_minor=0, at=payment.at)
        standing = one.standing_minor if key in self.lifted_fees else 0
        if standing != minor:
            one.amount_minor += minor - standing
            self.written_fees.append(one)

    def save(self) -> None:
        """Write the changed allocations, and what is paid of fees; not the fees themselves (`FeeBook.save`)."""
        Allocation.objects.bulk_update([one for one in self.written if one.pk], ["principal_minor", "interest_minor"])
        Allocation.objects.bulk_create([one for one in self.written if not one.pk])
        FeePayment.objects.bulk_update([one for one in self.written_fees if one.pk], ["amount_minor"])
        FeePayment.objects.bulk_create([one for one in self.written_fees if not one.pk])


def _standing(one: Allocation) -> Parts:
    """Return the (principal, interest) that an allocation still pays, refunded parts left out."""
    return (
        one.principal_minor - one.refunded_minor - one.undone_principal_minor,
        one.interest_minor - one.undone_interest_minor,
    )
