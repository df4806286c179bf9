"""A small model of a plan without interest, written apart from the product: everything is calculated anew from a list of what happened.

Amounts in minor units. Payments for an installment stay with it; free payments are allocated by their days, after them.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

LATE, REMINDER, SERVICE = "late", "reminder", "service"
GRACE, FEE, QUARTER = 5, 700, 4


@dataclass
class ModelFee:
    """A fee of a row, and what is paid of it."""

    row: int
    kind: str
    on: date
    amount: int
    paid: int = 0
    state: str = "charged"

    @property
    def open(self) -> int:
        return self.amount - self.paid if self.state == "charged" else 0


@dataclass
class ModelRow:
    """An installment: what it asks of principal, what is paid of it, and from when the grace of its late fee runs."""

    number: int
    due: date
    principal: int
    grace_from: date
    paid: int = 0
    decided: bool = False

    @property
    def open(self) -> int:
        return self.principal - self.paid


@dataclass
class Part:
    """What a payment pays of a row's principal, or of a fee."""

    target: ModelRow | ModelFee
    amount: int


@dataclass
class Payment:
    """Money that came: for a row, or a free amount of a day, without what went back of it, since nobody takes that back."""

    value_on: date
    made_on: date
    amount: int
    free: bool
    parts: list[Part] = field(default_factory=list)


@dataclass
class ModelPlan:
    """One plan with one capture."""

    captured: int
    rows: list[ModelRow]
    fees: list[ModelFee] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    refunded: int = 0
    went_back: int = 0
    eased: bool = False

    @classmethod
    def sold(cls, amount: int, count: int, day: date) -> "ModelPlan":
        """Return a plan in equal shares rounded half up, the odd one last, a fortnight apart, the first one now."""
        share = (2 * amount + count) // (2 * count)
        shares = [share] * (count - 1) + [amount - share * (count - 1)]
        dates = [day + timedelta(days=14 * place) for place in range(count)]
        return cls(amount, [ModelRow(place + 1, due, asked, due) for place, (due, asked) in enumerate(zip(dates, shares, strict=True))])

    @property
    def outstanding(self) -> int:
        return sum(row.open for row in self.rows) + sum(fee.open for fee in self.fees)

    def of(self, row: ModelRow) -> list[ModelFee]:
        """Return the fees of a row, penalties first, then by day."""
        mine = [fee for fee in self.fees if fee.row == row.number and fee.state == "charged"]
        return sorted(mine, key=lambda fee: fee.kind == SERVICE)

    def open_of(self, row: ModelRow) -> int:
        return row.open + sum(fee.open for fee in self.of(row))

    def pay_row(self, row: ModelRow, day: date) -> int:
        """Pay all that is open of a row."""
        made = Payment(day, day, self.open_of(row), free=False)
        for target in (*self.of(row), row):
            self._take(made, target, target.open)
        self.payments.append(made)
        return made.amount

    def pay_freely(self, amount: int, value_on: date, day: date) -> Payment:
        """Pay a free amount; one of an earlier day counts from that day, and fees that would not have come are withdrawn."""
        made = Payment(value_on, day, amount, free=True)
        self.payments.append(made)
        if value_on < day:
            self._again(doubted=[fee for fee in self.fees if fee.on >= value_on and fee.kind != SERVICE and fee.state == "charged"])
        else:
            self._spread(made, amount, ())
        return made

    def _take(self, made: Payment, target: ModelRow | ModelFee, amount: int) -> None:
        if amount:
            target.paid += amount
            made.parts.append(Part(target, amount))

    def _spread(self, made: Payment, amount: int, gone: "list[ModelFee] | tuple[()]") -> None:
        """Due today; late without a late fee; late with one; to come: each oldest first. What is left goes back for good."""
        day, left = made.value_on, amount
        left_out = [id(fee) for fee in gone]
        seen = [fee for fee in self.fees if fee.state == "charged" and id(fee) not in left_out]
        seen = [fee for fee in seen if fee.on < day or (fee.on == day and fee.kind == SERVICE)]

        def group(row: ModelRow) -> int:
            has = any(fee.row == row.number and fee.kind == LATE and fee.on < day for fee in seen)
            return 0 if row.due == day else 3 if row.due > day else 2 if has else 1

        for row in sorted(self.rows, key=lambda row: (group(row), row.due, row.number)):
            for target in (*(fee for fee in self.of(row) if any(fee is one for one in seen)), row):
                taken = min(left, target.open)
                self._take(made, target, taken)
                left -= taken
        made.amount -= left
        self.went_back += left

    def reverse(self, made: Payment, day: date) -> None:
        """Undo a payment; free ones are allocated anew, and the grace of rows that are open again begins anew."""
        before = {row.number: self.open_of(row) for row in self.rows}
        for part in made.parts:
            part.target.paid -= part.amount
        self.payments.remove(made)
        self._again(doubted=[])
        for row in self.rows:
            if self.open_of(row) > before[row.number] and row.due < day:
                row.grace_from = max(row.grace_from, day)

    def _again(self, doubted: list[ModelFee]) -> None:
        """Lift what free payments pay, and put it back by their days; decide about doubted fees on the way."""
        free = sorted((one for one in self.payments if one.free), key=lambda one: one.value_on)
        for one in free:
            for part in one.parts:
                part.target.paid -= part.amount
            one.parts = []
        gone: list[ModelFee] = []
        waiting = sorted(doubted, key=lambda fee: fee.on)
        for one in free:
            waiting = self._decide(waiting, gone, one.value_on)
            self._spread(one, one.amount, gone)
        self._decide(waiting, gone, date.max)
        for fee in gone:
            self._end(fee, "withdrawn")

    def _decide(self, waiting: list[ModelFee], gone: list[ModelFee], upto: date) -> list[ModelFee]:
        """Settle the doubts about fees of days before one: gone if their row was paid when their day was closed."""
        for fee in [fee for fee in waiting if fee.on < upto]:
            row = self.rows[fee.row - 1]
            by_then = sum(
                part.amount for one in self.payments for part in one.parts if part.target is row and (one.free or one.made_on <= fee.on)
            )
            if by_then >= row.principal:
                gone.append(fee)
        return [fee for fee in waiting if fee.on >= upto]

    def _end(self, fee: ModelFee, state: str) -> None:
        """A fee ends: what is paid of it goes back to the payments that paid it, and pays nothing else later."""
        for one in self.payments:
            for part in [part for part in one.parts if part.target is fee]:
                one.parts.remove(part)
                one.amount -= part.amount
                self.went_back += part.amount
        fee.paid, fee.state = 0, state

    def waive(self, row: ModelRow) -> int:
        """Waive all fees of a row, and return their sum."""
        mine = [fee for fee in self.of(row) if fee.amount]
        for fee in mine:
            self._end(fee, "waived")
        return sum(fee.amount for fee in mine)

    def refund(self, amount: int) -> None:
        """Cancel open principal, from the last date backwards; what exceeds it goes back."""
        left = amount
        for row in sorted(self.rows, key=lambda row: (row.due, row.number), reverse=True):
            taken = min(left, row.open)
            row.principal -= taken
            left -= taken
        self.went_back += left
        self.refunded += amount

    def serve(self, row: ModelRow, amount: int, day: date) -> None:
        """Charge a fee for a service, within a quarter of the purchase."""
        self._charge(row, SERVICE, amount, day)

    def pause(self, day: date, days: int) -> None:
        """Late rows fall due so many days from now, the others so many days later; no late fees from now on."""
        self.eased = True
        for row in self.rows:
            if self.open_of(row):
                row.due = day + timedelta(days=days) if row.due < day else row.due + timedelta(days=days)

    def close(self, day: date) -> None:
        """Charge late fees, once a row; none for what only earlier late fees left open."""
        if self.eased:
            return
        penalties = sum(fee.paid for fee in self.fees if fee.kind != SERVICE)
        for row in self.rows:
            if not row.decided and row.open and (day - max(row.due, row.grace_from)).days >= GRACE:
                row.decided = True
                self._charge(row, LATE, FEE if row.open > penalties else 0, day)

    def _charge(self, row: ModelRow, kind: str, wanted: int, day: date) -> None:
        room = self.captured // QUARTER - sum(fee.amount for fee in self.fees if fee.state == "charged")
        amount = max(0, min(wanted, room))
        if amount:
            self.fees.append(ModelFee(row.number, kind, day, amount))
