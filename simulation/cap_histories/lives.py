"""Lives in memory: the product's rules decide each fee, and a small account of a person's plans keeps what they lead to.

Quick, so that thousands are lived; who lives through the services and the database is in `simulation.cap_histories.served`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from plans.rules.fees import (
    PENALTIES,
    Caps,
    Charged,
    Cut,
    FeeKind,
    FeeTerms,
    History,
    Late,
    Place,
    Wanted,
    cut,
    late_fees,
    reminder_fee,
)
from simulation.cap_histories.drawing import Habits, draw_amount, draw_habits, draw_service, draw_terms
from simulation.cap_histories.law import Facts, FeeFact, PaymentFact, PlanFact

FIRST_DAY = date(2026, 1, 5)
LOOKS = 60
"""How often a life is looked at; between two looks pass up to nine days."""
MOST_PLANS = 7


@dataclass(slots=True)
class Event:
    """A moment at which fees were decided: all facts then, the keys of the new fees, and the cap that cut each of them."""

    facts: Facts
    new: list[str]
    caps: list[str]


@dataclass(slots=True)
class _Fee:
    fact: FeeFact
    stage: int
    paid: int = 0

    @property
    def open(self) -> int:
        return 0 if self.fact.gone else self.fact.amount - self.paid


@dataclass(slots=True)
class _Row:
    key: str
    due: date
    asked: int
    interest: int
    grace_from: date
    paid: int = 0
    fees: list[_Fee] = field(default_factory=list)

    @property
    def open(self) -> int:
        return self.asked - self.paid

    @property
    def open_fees(self) -> int:
        return sum(fee.open for fee in self.fees)

    @property
    def left(self) -> int:
        """What is open with fees."""
        return self.open + self.open_fees


@dataclass(slots=True)
class _Plan:
    key: str
    captured: int
    terms: FeeTerms
    rows: list[_Row]
    late_since: date | None = None
    eased: bool = False

    @property
    def fees(self) -> list[_Fee]:
        return [fee for row in self.rows for fee in row.fees]

    def penalties_paid(self) -> int:
        return sum(fee.paid for fee in self.fees if fee.fact.kind in PENALTIES)


@dataclass(slots=True)
class Life:
    """A person's life, drawn by chance, under the caps of a market; `most_interest_bps` is what plans may ask as interest in all."""

    by: Random
    caps: Caps
    most_interest_bps: int
    day: date = FIRST_DAY
    plans: list[_Plan] = field(default_factory=list)
    fees: list[_Fee] = field(default_factory=list)
    payments: list[list[tuple[_Row | _Fee, int]]] = field(default_factory=list)

    def live(self) -> Iterator[Event]:
        """Live, and yield each moment at which fees were decided."""
        habits = draw_habits(self.by)
        self.day += timedelta(days=self.by.randint(0, 365))
        for _ in range(self.by.choice([1, 1, 2, MOST_PLANS])):
            self._buy()
        for _ in range(LOOKS):
            self.day += timedelta(days=self.by.randint(1, 9))
            yield from self._act(habits)
            yield from self._close()

    def _act(self, habits: Habits) -> Iterator[Event]:
        chance = self.by.random
        if len(self.plans) < MOST_PLANS and chance() < habits.buy:
            self._buy()
        for plan in self.plans:
            for row in plan.rows:
                if row.open and row.due <= self.day and chance() < (habits.on_time if row.due == self.day else habits.later / 4):
                    self._pay([row], row.left)
        if chance() < habits.free:
            rows = sorted((row for plan in self.plans for row in plan.rows), key=lambda row: row.due)
            self._pay(rows, self.by.randint(1, 20_000))
        if self.payments and chance() < habits.reverse:
            self._reverse(self.payments.pop(self.by.randrange(len(self.payments))))
        plan = self.by.choice(self.plans)
        row = self.by.choice(plan.rows)
        if chance() < habits.refund:
            row.asked -= self.by.randint(0, max(0, row.open - row.interest))
        if row.fees and chance() < habits.waive:
            self._waive(row)
        plan.eased |= chance() < habits.ease
        if row.open and chance() < habits.service:
            wanted = Wanted(row.key, FeeKind.SERVICE, len(row.fees), draw_service(self.by))
            yield self._decide([(plan, row, wanted)], self._look())

    def _buy(self) -> None:
        count, every = self.by.choice([1, 2, 3, 4, 6, 12]), self.by.choice([14, 30])
        amount = max(count, draw_amount(self.by))
        interest = amount * self.by.choice([0, 0, self.by.randint(0, self.most_interest_bps)]) // 10_000
        key, rows = f"p{len(self.plans)}", []
        for number in range(count):
            share = [total * (number + 1) // count - total * number // count for total in (amount, interest)]
            due = self.day + timedelta(days=every * number)
            rows.append(_Row(f"{key}.{number + 1}", due, sum(share), share[1], due))
        self.plans.append(_Plan(key, amount, draw_terms(self.by), rows))

    def _pay(self, rows: list[_Row], amount: int) -> None:
        """Pay fees, then the rest, of each payment in turn."""
        made: list[tuple[_Row | _Fee, int]] = []
        for row in rows:
            parts: list[_Row | _Fee] = [*row.fees, row]
            for part in parts:
                paid = min(amount, part.open)
                part.paid += paid
                amount -= paid
                made += [(part, paid)] if paid else []
        self.payments += [made] if made else []

    def _reverse(self, made: list[tuple[_Row | _Fee, int]]) -> None:
        """Take a payment back; what it had paid of a fee that was waived since went back already."""
        for part, paid in made:
            part.paid -= min(paid, part.paid)
            if isinstance(part, _Row):
                part.grace_from = max(part.grace_from, self.day)

    def _waive(self, row: _Row) -> None:
        for fee in row.fees:
            if not fee.fact.gone:
                fee.fact, fee.paid = replace(fee.fact, gone=True), 0

    def _look(self) -> dict[str, PlanFact]:
        """Return what is so before fees are decided."""
        return {
            plan.key: PlanFact(
                captured=plan.captured,
                interest=sum(row.interest for row in plan.rows),
                penalties_paid=plan.penalties_paid(),
                late_since=plan.late_since,
                eased=plan.eased,
                payments={row.key: PaymentFact(row.due, row.asked, row.open) for row in plan.rows},
            )
            for plan in self.plans
        }

    def _close(self) -> Iterator[Event]:
        """Close the day as the product does: each plan's late fees, then its reminder."""
        wanted: list[tuple[_Plan, _Row, Wanted]] = []
        for plan in self.plans:
            late = [row for row in plan.rows if row.due < self.day and row.left > 0]
            plan.late_since = (plan.late_since or self.day) if late else None
            if late and not plan.eased:
                wanted += self._wanted(plan)
        if wanted:
            yield self._decide(wanted, self._look())

    def _wanted(self, plan: _Plan) -> Iterator[tuple[_Plan, _Row, Wanted]]:
        rows = {row.key: row for row in plan.rows}
        opened = [_late(row) for row in plan.rows if row.left > 0]
        for wanted in late_fees(opened, plan.terms, penalties_paid_minor=plan.penalties_paid(), day=self.day):
            yield plan, rows[wanted.installment], wanted
        since = plan.late_since or self.day
        reminded = sorted(fee.fact.on for fee in plan.fees if fee.fact.kind == FeeKind.REMINDER and fee.fact.on >= since)
        found = reminder_fee([row for row in opened if row.due_date < self.day], plan.terms, reminded=reminded, day=self.day)
        if found:
            yield plan, rows[found.installment], found

    def _decide(self, wanted: list[tuple[_Plan, _Row, Wanted]], before: dict[str, PlanFact]) -> Event:
        new, caps = [], []
        for plan, row, one in wanted:
            place = Place(
                plan=plan.key,
                installment=row.key,
                asked_minor=row.asked,
                captured_minor=plan.captured,
                interest_minor=sum(other.interest for other in plan.rows),
                days_late=(self.day - row.due).days,
                late_since=plan.late_since,
            )
            left: Cut = cut(one.amount_minor, one.kind, place=place, history=self._history(), caps=self.caps, day=self.day)
            key = f"f{len(self.fees)}"
            made = FeeFact(key, plan.key, row.key, one.kind, self.day, one.amount_minor, left.amount_minor, place.days_late)
            fee = _Fee(made, one.stage)
            row.fees.append(fee)
            self.fees.append(fee)
            new.append(key)
            caps.append(left.cap)
        return Event(Facts(before, [fee.fact for fee in self.fees], self.first_capture), new, caps)

    def _history(self) -> History:
        made = [fee.fact for fee in self.fees if fee.fact.amount]
        standing = tuple(_charged(fact) for fact in made if not fact.gone)
        return History(standing, self.first_capture, tuple(_charged(fact) for fact in made if fact.kind == FeeKind.REMINDER))

    @property
    def first_capture(self) -> date:
        """The day of the person's first purchase: its first payment is due that day."""
        return self.plans[0].rows[0].due


def _charged(fact: FeeFact) -> Charged:
    return Charged(fact.plan, fact.payment, FeeKind(fact.kind), fact.on, fact.amount)


def _late(row: _Row) -> Late:
    decided = frozenset(fee.stage for fee in row.fees if fee.fact.kind == FeeKind.LATE)
    return Late(row.key, row.due, row.grace_from, row.open, decided)
