"""A small model of plans without interest, written apart from the product: everything is calculated anew from a list of what happened.

Amounts in minor units. Payments for an installment stay with it; free payments are allocated by their days, after them. One over several
plans is split when it is made, and from then on is one payment of each plan.
"""

from collections.abc import Callable
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
    """An installment of a capture: what it asks of principal, what is paid of it, and from when the grace of its late fee runs."""

    number: int
    capture: int
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
    """One plan: what was captured of it and refunded of that, part by part, its installments, fees and payments."""

    count: int
    captures: list[list[int]] = field(default_factory=list)
    rows: list[ModelRow] = field(default_factory=list)
    fees: list[ModelFee] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    went_back: int = 0
    eased: bool = False

    def capture(self, amount: int, day: date) -> None:
        """Add a part in equal shares rounded half up, the odd one last, a fortnight apart, the first one now, numbered on."""
        share = (2 * amount + self.count) // (2 * self.count)
        first, part = len(self.rows) + 1, len(self.captures)
        for place in range(self.count):
            due, asked = day + timedelta(days=14 * place), share if place < self.count - 1 else amount - share * (self.count - 1)
            self.rows.append(ModelRow(first + place, part, due, asked, due))
        self.captures.append([amount, 0])

    @property
    def captured(self) -> int:
        return sum(amount for amount, _ in self.captures)

    @property
    def refunded(self) -> int:
        return sum(back for _, back in self.captures)

    @property
    def outstanding(self) -> int:
        return sum(row.open for row in self.rows) + sum(fee.open for fee in self.fees)

    def open_on(self, day: date) -> int:
        """Return what is open of what there was on a day: no fees of later days."""
        return sum(target.open for _, targets in self.turns(day) for target in targets)

    def of(self, row: ModelRow) -> list[ModelFee]:
        """Return the fees of a row, penalties first, then by day."""
        mine = [fee for fee in self.fees if fee.row == row.number and fee.state == "charged"]
        return sorted(mine, key=lambda fee: fee.kind == SERVICE)

    def row(self, place: int, *, of: Callable[[ModelRow], object]) -> ModelRow:
        """Choose one of the rows that fit."""
        found = [row for row in self.rows if of(row)]
        return found[place % len(found)]

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
        """Pay in the order of a day; what is left goes back for good."""
        left = amount
        for _, targets in sorted(self.turns(made.value_on, gone), key=lambda turn: turn[0]):
            for target in targets:
                taken = min(left, target.open)
                self._take(made, target, taken)
                left -= taken
        made.amount -= left
        self.went_back += left

    def turns(self, day: date, gone: "list[ModelFee] | tuple[()]" = ()) -> "list[tuple[tuple[int, date, int], list[ModelRow | ModelFee]]]":
        """Return each row with its fees, and its turn: due today; late without a late fee; late with one; to come: each oldest first."""
        left_out = [id(fee) for fee in gone]
        seen = [fee for fee in self.fees if fee.state == "charged" and id(fee) not in left_out]
        seen = [fee for fee in seen if fee.on < day or (fee.on == day and fee.kind == SERVICE)]

        def group(row: ModelRow) -> int:
            has = any(fee.row == row.number and fee.kind == LATE and fee.on < day for fee in seen)
            return 0 if row.due == day else 3 if row.due > day else 2 if has else 1

        return [
            ((group(row), row.due, row.number), [*(fee for fee in self.of(row) if any(fee is one for one in seen)), row])
            for row in self.rows
        ]

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
        """Cancel open principal of the newest part, then of the one before it: from the last date backwards; what exceeds it goes back."""
        for part in reversed(range(len(self.captures))):
            here = min(amount, self.captures[part][0] - self.captures[part][1])
            self.captures[part][1] += here
            amount -= here
            for row in sorted((row for row in self.rows if row.capture == part), key=lambda row: (row.due, row.number), reverse=True):
                taken = min(here, row.open)
                row.principal -= taken
                here -= taken
            self.went_back += here

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


def pay_over(plans: "dict[str, ModelPlan]", amount: int, day: date) -> dict[str, Payment]:
    """Pay a free amount over plans in their order, and return the payment of each plan that gets some of it."""
    turns = [((place[:2], number, place[2]), key, targets) for number, key in enumerate(plans) for place, targets in plans[key].turns(day)]
    shares: dict[str, int] = {}
    for _, key, targets in sorted(turns, key=lambda turn: turn[0]):
        taken = min(amount, sum(target.open for target in targets))
        amount -= taken
        shares[key] = shares.get(key, 0) + taken
    return {key: plans[key].pay_freely(share, day, day) for key, share in shares.items() if share}
