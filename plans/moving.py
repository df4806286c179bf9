"""Which due dates a person may move, by the market's rules, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.sentences import marked
from markets.queries import find_setting
from plans.models import Installment
from plans.queries import by_date, parts_of
from plans.rules.moving import Move, MoveRules
from plans.rules.paydays import PaydayRules

MOVES = "payment.move"
"""The market's setting with the bounds of moving a date; without it those of `MoveRules` count."""
PAYDAYS = "payment.payday"
"""The market's setting with the bounds of putting dates on pay-days; without it those of `PaydayRules` count."""
REFUSED = {
    "first": marked("The first payment keeps its day."),
    "last": marked("The last payment keeps its day."),
    "overdue": marked("A late payment cannot be moved."),
    "too_late": marked("A payment can be moved until two days before its date."),
    "too_far": marked("This day is too far away, or not later."),
    "used": marked("A payment of this purchase was moved already."),
    "three_a_year": marked("You have moved as many payments as you can within twelve months."),
    "in_hardship": marked("The dates of this purchase were changed already because you asked for help."),
    "new_account": marked("Your account is too new to move a payment."),
    "payday_never": marked("Dates cannot be put on pay-days here."),
    "payday_used": marked("The dates of this purchase were put on your pay-days already."),
    "payday_far": marked("A payment would move too far with these pay-days."),
    "payday_together": marked("Two payments would fall on the same pay-day."),
    "payday_same": marked("Your payments are on your pay-days already."),
}
"""Why a date cannot be moved."""


@dataclass(frozen=True, slots=True)
class Movable:
    """An open installment, and its place by date among those of its part."""

    row: Installment
    place: int
    of: int

    def to(self, day: date) -> Move:
        """Return the wish to move it to a day."""
        return Move(self.row.due_date, self.place, self.of, day)


def movable_of(rows: Sequence[Installment]) -> list[Movable]:
    """Return the open installments for which no charge is under way, by date."""
    found = []
    for members in parts_of(rows).values():
        for place, row in enumerate(by_date(members), 1):
            if row.status in Installment.OPEN and row.charge_id is None:
                found.append(Movable(row, place, len(members)))
    return sorted(found, key=lambda one: (one.row.due_date, one.row.number))


def rules_in(market_code: str, on: date) -> MoveRules:
    """Return a market's bounds of moving dates, as of a day."""
    setting = find_setting(market_code, MOVES, on)
    return MoveRules(**setting.value) if setting else MoveRules()


def payday_rules_in(market_code: str, on: date) -> PaydayRules:
    """Return a market's bounds of putting dates on pay-days, as of a day."""
    setting = find_setting(market_code, PAYDAYS, on)
    return PaydayRules(**setting.value) if setting else PaydayRules()
