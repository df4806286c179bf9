"""Plans under time: whatever happens in whatever order, the product, a small model written apart, and the books say the same.

Any step may be killed at one of its moments; whoever goes on then brings it to the very same end.
"""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from collection import services as collection
from controls import services as controls
from controls.queries import find_open_proposal
from core.idempotency import run_once
from payments import gateways
from payments import services as payments
from payments.models import Charge
from payments.states import MOVEMENT_OPEN, MovementStatus
from plans import services as plans
from plans.guards import RECEIPT, RECEIPT_UNDONE
from plans.models import Receipt
from reports.books import movements, people, turns
from simulation.plan_cases.form import Step, read_case
from simulation.plan_cases.running import books_apart, rolled_back
from simulation.plan_cases.state import read_state
from simulation.plan_cases.steps import STEPS
from simulation.plan_cases.world import EVENING, build_world
from tests.plans.dying_steps import Killed, RememberingGateway, killed_at
from tests.plans.plan_model import FEE, GRACE, ModelPlan, pay_over
from tests.sizes import sized

pytestmark = pytest.mark.django_db
FIRST = "2026-01-05"
PLACES = st.integers(0, 30)
AMOUNTS = st.integers(1, 60).map(lambda hundreds: hundreds * 100)
LATER = st.integers(0, 100).map(lambda hundreds: hundreds * 100)
POLICY = {"late": [{"grace_days": GRACE, "fixed": FEE}], "cap_order_bps": 2500}
MOST_PLANS, HELD_DAYS = 3, 150
ONCE = {"refund", "fee", "waive", "hardship", "capture", "reverse"}
"""Steps of one transaction, which a shop, an operator or a bank sends again under the same key."""


class PlansUnderTime(RuleBasedStateMachine):
    """One person with up to three purchases in four payments or fewer, lived through the services; the model is asked beside them."""

    def __init__(self):
        super().__init__()
        self.model: dict[str, ModelPlan] = {}
        self.told, self.held, self.made = {}, {}, {}
        self.steps = self.moment = self.killed = 0

    @initialize(amount=st.integers(40, 400).map(lambda hundreds: hundreds * 100), later=LATER, count=st.integers(2, 4))
    def begin(self, amount, later, count):
        self.stack = ExitStack()
        self.stack.enter_context(override_settings(CALLS_IN_FLIGHT=1))
        self.stack.enter_context(rolled_back())
        self.gateway = RememberingGateway()
        gateways.use("sandbox", self.gateway)
        self.day = None
        self._sell(amount, later, count)

    def teardown(self):
        if self.model:
            asked = {charge.public_id: charge.status for charge in Charge.objects.exclude(gateway="transfer")}
            assert {key for key, status in asked.items() if status != MovementStatus.FAILED} == set(self.gateway.charges)
            self.stack.close()

    def _sell(self, amount, later, count):
        """Sell another purchase today, of which a part is sent now and perhaps the rest later."""
        key = "ABC"[len(self.model)]
        product = {"count": count, "interval": "biweekly", "first": "now", "refund_rule": "last_first"}
        day = self.day.isoformat() if self.day else FIRST
        self.told[key] = {"product": product, "currency": "USD", "amount": amount, "captured": day}
        self.held[key] = later
        steps = [{"id": one, "on": day, "do": "capture", "plan": one, "amount": more} for one, more in self.held.items() if more]
        case = read_case({"name": "drawn", "market": "XX", "plans": self.told, "fee_policy": POLICY, "steps": steps})
        if self.day is None:
            self.world, self.day = build_world(case, self.gateway), case.plans[key].captured
            self.world.two_people(self.world.begin(self.day))
        self.world.case = case
        self.world.start_plans(self.day)
        self.model[key] = ModelPlan(count)
        self.model[key].capture(amount, self.day)

    def take(self, do, plan=None, **given):
        """Take a step of the worked cases today, killed or not, and return its name and what it did."""
        self.steps += 1
        at, step = self.world.begin(self.day), Step(f"s{self.steps}", self.day, do, {"plan": plan, **given})
        collection.mark_overdue(at=at)
        moment, self.moment = self.moment, 0
        try:
            with killed_at(moment, self.gateway):
                return step.id, self._do(step, at)
        except Killed:
            self.killed += 1
            return step.id, self._go_on(step, self.world.begin(self.day))

    def _do(self, step, at):
        receipt = Receipt.objects.filter(charge__in=self._charges_of(step.given.get("payment"))).first()
        if receipt is not None:
            return self._undo(receipt, at)
        if step.do not in ONCE:
            return STEPS[step.do](self.world, step, at)
        told = {"scope": "drawn", "key": step.id, "print_": step.do, "at": at}
        return run_once(**told, work=lambda: (200, STEPS[step.do](self.world, step, at))).body

    def _charges_of(self, name):
        return [key for key, by in self.world.charged_by.items() if by == name]

    def _undo(self, receipt, at):
        """Let two operators undo money that was entered, unless they did."""
        if receipt.undone_at is None:
            one, other = self.world.two_people(at)
            told = {"receipt": receipt, "reason": "entered wrongly", "user": one, "at": at}
            waiting = find_open_proposal(RECEIPT_UNDONE, str(receipt.plan_id)) or collection.propose_undoing(**told)
            controls.approve_proposal(proposal_id=waiting.id, user=other, at=at)
        return {}

    def _go_on(self, step, at):
        """Let workers go on after a death, once the dead one's claims have ended; then do what was not begun."""
        Charge.objects.filter(status__in=MOVEMENT_OPEN).update(claimed_until=None)
        payments.resolve_charges(at=at)
        keys = [self.world.plan(key).public_id for key in self.model]
        new = [one for one in Charge.objects.filter(reference__in=keys) if one.id not in self.world.charged_by]
        waiting = find_open_proposal(RECEIPT, str(self.world.orders[step.given["plan"]].plan_id)) if step.given["plan"] else None
        if waiting is not None:
            controls.approve_proposal(proposal_id=waiting.id, user=self.world.two_people(at)[1], at=at)
            new = [one for one in Charge.objects.filter(reference__in=keys) if one.id not in self.world.charged_by]
        if not new:
            return self._do(step, at)
        self.world.charged_by.update({one.id: step.id for one in new})
        return {"charged": sum(one.amount_minor for one in new)}

    def plan(self, place, *, of=lambda plan: True):
        """Choose one of the plans that fit."""
        keys = [key for key, plan in self.model.items() if of(plan)]
        return keys[place % len(keys)]

    def any(self, of):
        return any(of(plan) for plan in self.model.values())

    @precondition(lambda self: not self.moment)
    @rule(moment=st.integers(1, 40))
    def die_in_the_next_step(self, moment):
        self.moment = moment

    @precondition(lambda self: not self.moment)
    @rule(moment=st.integers(1, 8))
    def die_soon_in_the_next_step(self, moment):
        self.moment = moment

    @rule(days=st.integers(9, 16))
    def a_fortnight_passes(self, days):
        self.time_passes(days=days)

    @rule(days=st.integers(1, 6))
    def time_passes(self, days):
        for _ in range(days):
            try:
                with killed_at(self.moment, self.gateway):
                    self._close()
            except Killed:
                self.killed, self.moment = self.killed + 1, 0
                self._close()
            for plan in self.model.values():
                plan.close(self.day)
            self.day += timedelta(days=1)

    def _close(self):
        at = self.world.begin(self.day, EVENING)
        collection.mark_overdue(at=at)
        plans.close_fees(plan_ids=[order.plan_id for order in self.world.orders.values()], day=self.day, at=at)

    @precondition(lambda self: len(self.model) < MOST_PLANS)
    @rule(amount=AMOUNTS.map(lambda minor: minor + 4_000), later=LATER, count=st.integers(2, 4))
    def buy(self, amount, later, count):
        self._sell(amount, later, count)

    @precondition(lambda self: any(self.held.values()))
    @rule(place=PLACES, amount=AMOUNTS)
    def send_more(self, place, amount):
        key = self.plan(place, of=lambda plan: any(self.held[key] for key, one in self.model.items() if one is plan))
        if (self.day - self.model[key].rows[0].due).days > HELD_DAYS:
            return
        amount = min(amount, self.held[key])
        self.held[key] -= amount
        self.take("capture", key, amount=amount)
        self.model[key].capture(amount, self.day)

    @precondition(lambda self: self.any(lambda plan: plan.outstanding))
    @rule(which=PLACES, place=PLACES)
    def pay_one(self, which, place):
        key = self.plan(which, of=lambda plan: plan.outstanding)
        row = self.model[key].row(place, of=self.model[key].open_of)
        name, did = self.take("pay", key, installments=[row.number])
        assert did["charged"] == self.model[key].pay_row(row, self.day)
        self.made[name] = {key: self.model[key].payments[-1]}

    @precondition(lambda self: self.any(lambda plan: plan.outstanding))
    @rule(which=PLACES, amount=AMOUNTS)
    def pay_freely(self, which, amount):
        key = self.plan(which, of=lambda plan: plan.outstanding)
        amount = min(amount, self.model[key].outstanding)
        name, did = self.take("pay", key, amount=amount)
        self.made[name] = {key: self.model[key].pay_freely(amount, self.day, self.day)}
        assert did["charged"] == amount

    @precondition(lambda self: self.any(lambda plan: plan.outstanding))
    @rule(amount=AMOUNTS.map(lambda minor: minor * 3))
    def pay_over_all(self, amount):
        amount = min(amount, sum(plan.outstanding for plan in self.model.values()))
        name, did = self.take("pay", amount=amount)
        self.made[name] = pay_over(self.model, amount, self.day)
        assert did["charged"] == amount

    @precondition(lambda self: self.any(_may_be_received))
    @rule(which=PLACES, amount=AMOUNTS, ago=st.integers(1, 20))
    def receive(self, which, amount, ago):
        key = self.plan(which, of=_may_be_received)
        plan = self.model[key]
        value_on = max(self.day - timedelta(days=ago), *(row.grace_from for row in plan.rows if row.number % plan.count == 1))
        amount = min(amount, plan.outstanding)
        if not plan.open_on(value_on):
            return
        name, _ = self.take("pay", key, amount=amount, value_date=value_on.isoformat())
        self.made[name] = {key: plan.pay_freely(amount, value_on, self.day)}

    @precondition(lambda self: self.made)
    @rule(place=PLACES)
    def reverse(self, place):
        name = sorted(self.made)[place % len(self.made)]
        made = self.made.pop(name)
        if all(one.parts and not self.model[key].refunded for key, one in made.items()):
            self.take("reverse", payment=name, reason="chargeback")
            for key, one in made.items():
                self.model[key].reverse(one, self.day)

    @precondition(lambda self: self.any(lambda plan: plan.refunded < plan.captured))
    @rule(which=PLACES, amount=AMOUNTS)
    def refund(self, which, amount):
        key = self.plan(which, of=lambda plan: plan.refunded < plan.captured)
        amount = min(amount, self.model[key].captured - self.model[key].refunded)
        self.take("refund", key, amount=amount)
        self.model[key].refund(amount)

    @precondition(lambda self: self.any(lambda plan: plan.outstanding))
    @rule(which=PLACES, place=PLACES, amount=AMOUNTS)
    def serve(self, which, place, amount):
        key = self.plan(which, of=lambda plan: plan.outstanding)
        row = self.model[key].row(place, of=self.model[key].open_of)
        self.take("fee", key, installment=row.number, amount=amount)
        self.model[key].serve(row, amount, self.day)

    @precondition(lambda self: self.any(lambda plan: any(plan.of(row) for row in plan.rows)))
    @rule(which=PLACES, place=PLACES)
    def waive(self, which, place):
        key = self.plan(which, of=lambda plan: any(plan.of(row) for row in plan.rows))
        row = self.model[key].row(place, of=self.model[key].of)
        self.take("waive", key, installment=row.number)
        self.model[key].waive(row)

    @precondition(lambda self: self.any(lambda plan: plan.outstanding and not plan.eased))
    @rule(which=PLACES)
    def pause(self, which):
        key = self.plan(which, of=lambda plan: plan.outstanding and not plan.eased)
        self.take("hardship", key, days=30)
        self.model[key].pause(self.day, 30)

    @rule()
    def send_what_goes_back(self):
        payments.send_refunds(at=self.world.begin(self.day))

    @invariant()
    def the_same_is_owed(self):
        if not self.model:
            return
        state = read_state(self.world, self.day)
        for key, model in self.model.items():
            plan = state["plans"][key]
            told = [(row["number"], row["due"], row["principal"], row["fees"], row["paid"]) for row in plan["installments"]]
            assert told == [
                (
                    row.number,
                    row.due.isoformat(),
                    row.principal,
                    sum(fee.amount for fee in model.of(row)),
                    row.paid + sum(fee.paid for fee in model.of(row)),
                )
                for row in model.rows
            ], key
            assert plan["outstanding"] == model.outstanding
            fees = sorted(
                (fee["on"], fee["installment"], fee["kind"], fee["amount"], fee["state"]) for fee in state["fees"] if fee["plan"] == key
            )
            assert fees == sorted((fee.on.isoformat(), fee.row, fee.kind, fee.amount, fee.state) for fee in model.fees)
        assert sum(one["amount"] for one in state["returned"]) == sum(model.went_back for model in self.model.values())
        more = [*movements.check_movements(), people.check_owed_to_cards(), people.check_receipts(), turns.check_turns()]
        assert books_apart() + [wrong for check in more for wrong in check.offenders] == []


def _may_be_received(plan):
    return plan.outstanding and not plan.refunded and not plan.eased


def live(examples, steps):
    told = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=sized(False, True),
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(PlansUnderTime, settings=told)


def test_what_went_back_is_not_taken_again_when_another_payment_comes_back():
    life = PlansUnderTime()
    life.begin(amount=7_800, later=0, count=4)
    try:
        life.pay_one(which=0, place=0)
        life.time_passes(days=20)
        assert [fee.amount for fee in life.model["A"].fees] == [FEE]
        # All of it, and the fee of the second installment, on its day: the fee would not have come, so its 7 dollars go back.
        life.receive(which=0, amount=58_50 + FEE, ago=6)
        life.the_same_is_owed()
        assert (life.model["A"].outstanding, life.model["A"].went_back) == (0, FEE)
        # Of the first installment's 19.50 no cent is paid by them again.
        life.reverse(place=0)
        life.the_same_is_owed()
        assert (life.model["A"].outstanding, life.model["A"].went_back) == (19_50, FEE)
    finally:
        life.teardown()


def test_the_model_and_the_product_agree():
    live(4, 10)


@pytest.mark.timeout(7_200)
def test_the_model_and_the_product_agree_for_long():
    live(sized(200, 10), sized(50, 20))
