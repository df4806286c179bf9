"""Lives through the product's own services and database, in a transaction that is rolled back; one person with two accounts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from accounts import services as accounts
from accounts.models import Consumer
from collection import services as collection
from core.errors import DomainError
from payments import services as payments
from plans.models import Fee, Hardship, Installment
from plans.rules.fees import PENALTIES, Caps
from plans.states import FeeStatus
from simulation.cap_histories.drawing import draw_amount, draw_service, draw_terms
from simulation.cap_histories.law import Facts, FeeFact, PaymentFact, PlanFact
from simulation.cap_histories.lives import FIRST_DAY, Event
from simulation.plan_cases.form import Case, Step, read_case
from simulation.plan_cases.gateway import CaseGateway
from simulation.plan_cases.steps import STEPS
from simulation.plan_cases.world import CARD, MORNING, World, build_world

LOOKS = 14
"""How often such a life is looked at; between two looks pass up to thirty days."""
Act = tuple[str, dict[str, Any]]


def live_served(*, by: Random, market: str, currency: str, caps: Caps, gateway: CaseGateway) -> Iterator[Event]:
    """Live a drawn life through the services, and yield each moment at which fees were decided."""
    case = _draw_case(by, market, currency, caps)
    return _Served(by, build_world(case, gateway)).live()


def _draw_case(by: Random, market: str, currency: str, caps: Caps) -> Case:
    plans: dict[str, Any] = {}
    for number in range(by.randint(1, 3)):
        count = by.choice([2, 3, 4, 6])
        monthly = by.random() < 0.5
        product = {"count": count, "interval": "monthly" if monthly else "biweekly", "first": by.choice(["now", "later"])}
        product["rate_bps"] = by.choice([0, 0, 1_500, 9_900]) if monthly and product["first"] == "later" else 0
        day = FIRST_DAY + timedelta(days=number * by.randint(1, 60))
        plans["ABC"[number]] = {"product": product, "currency": currency, "amount": draw_amount(by), "captured": day.isoformat()}
    case = read_case({"name": "drawn", "market": market, "plans": plans, "steps": []})
    return replace(case, fees=draw_terms(by), caps=caps)


class _Served:
    """A life in the database: what happens at each look, and what the tables say of it."""

    def __init__(self, by: Random, world: World) -> None:
        self.by, self.world, self.seen = by, world, set[Any]()
        self.first, self.steps = world.consumer, 0
        self.cards = {world.consumer.pk: world.method}

    def live(self) -> Iterator[Event]:
        """Live: the second purchase is made by another account of the same person."""
        day = FIRST_DAY
        for look in range(LOOKS):
            day += timedelta(days=self.by.randint(1, 30))
            self._buy(day, self._second(day) if look else self.first)
            for name, given in self._acts(day):
                yield from self._decided(partial(self._do, name, given, day))
            yield from self._decided(partial(self.world.close, day))

    def _buy(self, day: date, consumer: Consumer) -> None:
        self._be(consumer)
        self.world.start_plans(day)

    def _second(self, day: date) -> Consumer:
        """Return the account that buys next: the person's first, or a second one with a card and a limit of its own."""
        other = next((one for one in self.cards if one != self.first.pk), None)
        if other is not None or self.by.random() < 0.5:
            return Consumer.objects.get(pk=other or self.first.pk)
        at = self.world.begin(day, MORNING)
        market, mail = self.first.market, "plan-cases-too@people.example"
        made = accounts.get_or_create_consumer(channel="email", destination=mail, market=market, at=at)
        Consumer.objects.filter(pk=made.pk).update(person_id=self.first.holder_id)
        made.refresh_from_db()
        self.cards[made.pk] = payments.add_card(consumer=made, number=CARD, at=at)
        for currency in self.world.shops:
            self.world.give_limit(made, currency, at)
        return made

    def _be(self, consumer: Consumer) -> None:
        self.world.consumer, self.world.method = consumer, self.cards[consumer.pk]

    def _acts(self, day: date) -> Iterator[Act]:
        """Draw what happens at a look, on a plan each."""
        for key in self.world.orders:
            rows = self.world.installments(key)
            row, chance = self.by.choice(rows), self.by.random()
            amount, back = self.by.randint(1, 20_000), (day - timedelta(days=self.by.randint(0, 20))).isoformat()
            acts: list[Act] = [
                ("collect", {}),
                ("pay", {"amount": amount}),
                ("pay", {"amount": amount, "value_date": back}),
                ("pay", {"installments": [row.number]}),
                ("fee", {"installment": row.number, "amount": draw_service(self.by)}),
                ("fee", {"installment": row.number, "amount": draw_service(self.by)}),
                ("waive", {"installment": row.number}),
                ("refund", {"amount": amount}),
                ("reverse", {"payment": self.by.choice([*self.world.charged_by.values(), ""]), "reason": "chargeback"}),
                ("hardship", {"days": 30}),
            ]
            if chance < 0.6:
                name, given = self.by.choices(acts, [2, 2, 2, 2, 3, 3, 2, 2, 2, 0.3])[0]
                yield name, {**given, "plan": key}

    def _do(self, name: str, given: dict[str, Any], day: date) -> None:
        """Take a step; what the product refuses is part of the life."""
        self.steps += 1
        plan = self.world.plan(given["plan"])
        self._be(plan.consumer)
        at = self.world.begin(day)
        collection.mark_plan_overdue(plan_id=plan.id, at=at)
        try:
            STEPS[name](self.world, Step(f"s{self.steps}", day, name, given), at)
        except DomainError:
            return

    def _decided(self, act: Callable[[], None]) -> Iterator[Event]:
        """Do something, and yield the event if fees were decided by it."""
        before = self._plans()
        act()
        fees = self._fees()
        new = [fee for fee in fees if fee.id not in self.seen]
        self.seen |= {fee.id for fee in new}
        if new:
            after = self._plans()
            facts = Facts({key: self._joined(before, after, key) for key in after}, [_fact(fee) for fee in fees], self._first_capture())
            yield Event(facts, [str(fee.id) for fee in new], [fee.cap for fee in new])

    def _joined(self, before: dict[str, PlanFact], after: dict[str, PlanFact], key: str) -> PlanFact:
        """Return a plan's facts: what was open and paid before the event, and since when it is late as the event left it."""
        return replace(before.get(key, after[key]), late_since=after[key].late_since)

    def _plans(self) -> dict[str, PlanFact]:
        found = {}
        for key in self.world.orders:
            plan = self.world.plan(key)
            rows = list(Installment.objects.filter(plan=plan))
            penalties = Fee.objects.filter(installment__plan=plan, kind__in=PENALTIES)
            found[str(plan.id)] = PlanFact(
                captured=plan.captured_minor,
                interest=sum(row.interest_minor for row in rows),
                penalties_paid=sum(fee.paid_minor for fee in penalties),
                late_since=plan.late_since,
                eased=Hardship.objects.filter(plan=plan).exists(),
                payments={str(row.id): _payment(row) for row in rows},
            )
        return found

    def _fees(self) -> list[Fee]:
        plans = [order.plan_id for order in self.world.orders.values()]
        return list(Fee.objects.filter(installment__plan__in=plans).select_related("installment").order_by("at", "id"))

    def _first_capture(self) -> date:
        return min(self.world.case.plans[key].captured for key in self.world.orders)


def _payment(row: Installment) -> PaymentFact:
    return PaymentFact(row.due_date, row.principal_minor + row.interest_minor, row.open_minor - row.open_fees_minor)


def _fact(fee: Fee) -> FeeFact:
    late, gone = (fee.on - fee.installment.due_date).days, fee.status != FeeStatus.CHARGED
    row = fee.installment
    return FeeFact(str(fee.id), str(row.plan_id), str(row.id), fee.kind, fee.on, fee.wanted_minor, fee.amount_minor, late, gone)
