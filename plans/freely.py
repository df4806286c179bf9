"""What a free payment pays: an amount that a person chooses, over one plan or several, before it is paid and as it is settled."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date

from markets.models import MarketSetting
from plans.fees import Fees, charged_fees, open_kinds
from plans.models import Installment, Plan
from plans.queries import parts_of, state_of
from plans.rules.allocation import KINDS, Debt, Paid, Share, spread
from plans.rules.fees import FeeKind
from plans.rules.interest import Parts, early_quote, pay_parts
from plans.states import PLAN_OWED


@dataclass(frozen=True, slots=True)
class FreePart:
    """What a free payment does to one plan: its charge, what it pays, and what is left of the plan then; minor units.

    `interest` has the new interest of every installment whose interest changes, by number, and `rebate_minor` is what is saved by that.
    """

    plan: Plan
    amount_minor: int
    lines: tuple[Paid, ...]
    left_minor: int
    interest: Mapping[int, int] = field(default_factory=dict)
    rebate_minor: int = 0


@dataclass(frozen=True, slots=True)
class FreeQuote:
    """What a free amount pays on a day; without parts, nothing can be paid with it."""

    amount_minor: int
    parts: tuple[FreePart, ...] = ()

    @property
    def charged_minor(self) -> int:
        """What is charged, in minor units."""
        return sum(part.amount_minor for part in self.parts)

    def leaves(self, smallest: int) -> FreePart | None:
        """Return a plan of which less would be left than can be charged, so that it would be waived; None if there is none."""
        return next((part for part in self.parts if 0 < part.left_minor < smallest), None)

    @property
    def seal(self) -> str:
        """A text that is equal for equal effects: a page sends it back, so that nothing else is paid than what it showed."""
        told = [[part.plan.public_id, part.amount_minor, [astuple(line) for line in part.lines]] for part in self.parts]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def buckets_of(setting: MarketSetting | None) -> tuple[str, ...]:
    """Return the buckets of a market's order, first to last; none for the usual order."""
    return tuple(setting.value[place] for place in sorted(setting.value, key=int)) if setting else ()


def can_take(plan: Plan, rows: Iterable[Installment]) -> bool:
    """Return whether a plan takes a free payment: something is owed, nothing is stopped or sold, and no charge is under way."""
    found = list(rows)
    return plan.status in PLAN_OWED and plan.stopped_at is None and plan.sold_at is None and not any(row.charge_id for row in found)


def quote_freely(
    members: Sequence[tuple[Plan, Sequence[Installment]]],
    *,
    amount_minor: int,
    day: date,
    buckets: Sequence[str] = (),
    smallest: int = 1,
    besides: Collection[int] = (),
    exact: bool = False,
    fees: Fees | None = None,
) -> FreeQuote:
    """Return what an amount pays over plans on a day, in minor units; `members` are plans in the order of their keys, with installments.

    More than is owed is charged all the same, and goes back from the last plan that is paid; with `exact`, only what is owed is charged. A
    plan whose share is less than the `smallest` charge is left out, and so are installments with a number in `besides`: another charge is
    under way for them. Charged `fees` are read if they are not given: one query, none if no installment has any.
    """
    charged = charged_fees(row for _, rows in members for row in rows) if fees is None else fees
    taken = list(members)
    while taken:
        debts = [
            debt
            for place, (plan, rows) in enumerate(taken)
            for debt in debts_of(plan, rows, charged, day=day, order=place)
            if debt.number not in besides
        ]
        shares, more = spread(amount_minor, debts, day=day, buckets=buckets)
        if not shares:
            break
        sums = {place: sum(share.amount_minor for share in shares if share.order == place) for place in range(len(taken))}
        sums[shares[-1].order] += 0 if exact else more
        small = {place for place, minor in sums.items() if 0 < minor < smallest}
        if not small:
            return FreeQuote(amount_minor, tuple(_part(*taken[place], shares, place, minor, day) for place, minor in sums.items() if minor))
        taken = [one for place, one in enumerate(taken) if place not in small]
    return FreeQuote(amount_minor)


def debts_of(plan: Plan, rows: Sequence[Installment], fees: Fees, *, day: date, order: int = 0) -> list[Debt]:
    """Return what can be paid of a plan on a day, its charged fees too; of interest to come only what has accrued."""
    found = []
    for members in parts_of(rows).values():
        prices = _prices(plan, members, day)
        for row in members:
            if row.status in Installment.OPEN and row.number in prices:
                principal, interest = prices[row.number]
                found.append(debt_of(row, fees, principal, interest, day=day, order=order))
    return found


def debt_of(row: Installment, fees: Fees, principal_minor: int, interest_minor: int, *, day: date, order: int = 0) -> Debt:
    """Return what a payment of a day may pay of an installment: these amounts, and its fees of that time."""
    mine = fees.get(row.id, ())
    penalty, fee = open_kinds(mine, day)
    amounts = {"penalty": penalty, "fee": fee, "interest": interest_minor, "principal": principal_minor}
    return Debt(order, row.number, row.due_date, amounts, has_late_fee=any(one.kind == FeeKind.LATE and one.on < day for one in mine))


def _prices(plan: Plan, members: Sequence[Installment], day: date) -> dict[int, Parts]:
    """Return the (principal, interest) that pays each open installment of a part on a day."""
    opened = [row for row in members if row.status in Installment.OPEN]
    if plan.repay_by is not None or not plan.product.rate_bps or not opened:
        return {
            row.number: (row.principal_minor - row.paid_principal_minor, row.interest_minor - row.paid_interest_minor) for row in opened
        }
    states, prices = [state_of(row) for row in members], {row.number: (0, 0) for row in opened}
    if any(state.open_minor for state in states):
        # Of the others only fees are open.
        quote = early_quote(states, at=day, terms=plan.terms, start=members[0].start_date)
        prices |= {number: (principal, interest) for number, principal, interest in quote.paid}
    return prices


def interest_after(plan: Plan, rows: Sequence[Installment], paid: Mapping[int, Parts], *, day: date) -> dict[int, int]:
    """Return the interest of installments that a payment on a day changes, by number: what is to accrue on the smaller balance."""
    if plan.repay_by is not None or not plan.product.rate_bps:
        return {}
    found = {}
    for members in parts_of(rows).values():
        states = [state_of(row) for row in members]
        mine = {row.number: paid[row.number] for row in members if row.number in paid}
        after = pay_parts(states, mine, at=day, terms=plan.terms, start=members[0].start_date)
        old = {state.number: state.interest_minor for state in states}
        found.update({state.number: state.interest_minor for state in after if state.interest_minor != old[state.number]})
    return found


def lines_of(shares: Iterable[Share]) -> tuple[Paid, ...]:
    """Return shares as lines of a plan."""
    return tuple(Paid(share.number, *(share.amounts.get(kind, 0) for kind in reversed(KINDS))) for share in shares)


def _part(plan: Plan, rows: Sequence[Installment], shares: Sequence[Share], place: int, amount_minor: int, day: date) -> FreePart:
    lines = lines_of(share for share in shares if share.order == place)
    paid = {line.number: (line.principal_minor, line.interest_minor) for line in lines}
    interest = interest_after(plan, rows, paid, day=day)
    rebate = sum(row.interest_minor - interest[row.number] for row in rows if row.number in interest)
    left = sum(row.open_minor for row in rows if row.status in Installment.OPEN) - rebate - sum(line.amount_minor for line in lines)
    return FreePart(plan, amount_minor, lines, left, interest, rebate)
