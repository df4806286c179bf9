"""Plans under time: whatever happens in whatever order, the product, a small model written apart, and the books say the same."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from collection import services as collection
from simulation.plan_cases.form import Step, read_case
from simulation.plan_cases.running import books_apart, rolled_back
from simulation.plan_cases.state import read_state
from simulation.plan_cases.steps import STEPS
from simulation.plan_cases.world import build_world
from tests.plans.plan_model import FEE, GRACE, ModelPlan
from tests.sizes import sized

pytestmark = pytest.mark.django_db
FIRST = "2026-01-05"
PLACES = st.integers(0, 30)
AMOUNTS = st.integers(1, 60).map(lambda hundreds: hundreds * 100)


class PlansUnderTime(RuleBasedStateMachine):
    """One person with one purchase in four payments or fewer, lived through the services; the model is asked beside them."""

    @initialize(amount=st.integers(40, 400).map(lambda hundreds: hundreds * 100), count=st.integers(2, 4))
    def buy(self, amount, count):
        product = {"count": count, "interval": "biweekly", "first": "now", "refund_rule": "last_first"}
        plans = {"A": {"product": product, "currency": "USD", "amount": amount, "captured": FIRST}}
        policy = {"late": [{"grace_days": GRACE, "fixed": FEE}], "cap_order_bps": 2500}
        case = read_case({"name": "drawn", "market": "XX", "plans": plans, "fee_policy": policy, "steps": []})
        self.stack, self.steps = ExitStack(), 0
        self.world = build_world(case, self.stack.enter_context(rolled_back()))
        self.day = case.plans["A"].captured
        self.world.start_plans(self.day)
        self.model, self.made = ModelPlan.sold(amount, count, self.day), {}

    def teardown(self):
        if hasattr(self, "stack"):
            self.stack.close()

    def take(self, do, **given):
        """Take a step of the worked cases today, and return its name and what it did."""
        self.steps += 1
        at, name = self.world.begin(self.day), f"s{self.steps}"
        collection.mark_plan_overdue(plan_id=self.world.orders["A"].plan_id, at=at)
        return name, STEPS[do](self.world, Step(name, self.day, do, {"plan": "A", **given}), at)

    def row(self, place, *, of=lambda row: True):
        found = [row for row in self.model.rows if of(row)]
        return found[place % len(found)] if found else None

    @rule(days=st.integers(1, 12))
    def time_passes(self, days):
        for _ in range(days):
            self.world.close(self.day)
            self.model.close(self.day)
            self.day += timedelta(days=1)

    @precondition(lambda self: self.model.outstanding)
    @rule(place=PLACES)
    def pay_one(self, place):
        row = self.row(place, of=self.model.open_of)
        name, did = self.take("pay", installments=[row.number])
        assert did["charged"] == self.model.pay_row(row, self.day)
        self.made[name] = self.model.payments[-1]

    @precondition(lambda self: self.model.outstanding)
    @rule(amount=AMOUNTS)
    def pay_freely(self, amount):
        amount = min(amount, self.model.outstanding)
        name, did = self.take("pay", amount=amount)
        self.made[name] = self.model.pay_freely(amount, self.day, self.day)
        assert did["charged"] == amount

    @precondition(lambda self: self.model.outstanding and not self.model.refunded and not self.model.eased)
    @rule(amount=AMOUNTS, ago=st.integers(1, 20))
    def receive(self, amount, ago):
        value_on = max(self.day - timedelta(days=ago), self.model.rows[0].grace_from)
        amount = min(amount, self.model.outstanding)
        name, _ = self.take("pay", amount=amount, value_date=value_on.isoformat())
        self.made[name] = self.model.pay_freely(amount, value_on, self.day)

    @precondition(lambda self: self.made and not self.model.refunded)
    @rule(place=PLACES)
    def reverse(self, place):
        name = sorted(self.made)[place % len(self.made)]
        made = self.made.pop(name)
        if made.parts and made.value_on == made.made_on:
            self.take("reverse", payment=name, reason="chargeback")
            self.model.reverse(made, self.day)

    @precondition(lambda self: self.model.refunded < self.model.captured)
    @rule(amount=AMOUNTS)
    def refund(self, amount):
        amount = min(amount, self.model.captured - self.model.refunded)
        self.take("refund", amount=amount)
        self.model.refund(amount)

    @precondition(lambda self: self.model.outstanding)
    @rule(place=PLACES, amount=AMOUNTS)
    def serve(self, place, amount):
        row = self.row(place, of=self.model.open_of)
        self.take("fee", installment=row.number, amount=amount)
        self.model.serve(row, amount, self.day)

    @precondition(lambda self: any(self.model.of(row) for row in self.model.rows))
    @rule(place=PLACES)
    def waive(self, place):
        row = self.row(place, of=self.model.of)
        self.take("waive", installment=row.number)
        self.model.waive(row)

    @precondition(lambda self: self.model.outstanding and not self.model.eased)
    @rule()
    def pause(self):
        self.take("hardship", days=30)
        self.model.pause(self.day, 30)

    @invariant()
    def the_same_is_owed(self):
        if not hasattr(self, "world"):
            return
        state = read_state(self.world, self.day)
        plan = state["plans"]["A"]
        told = [(row["number"], row["due"], row["principal"], row["fees"], row["paid"]) for row in plan["installments"]]
        model = self.model
        assert told == [
            (
                row.number,
                row.due.isoformat(),
                row.principal,
                sum(fee.amount for fee in model.of(row)),
                row.paid + sum(fee.paid for fee in model.of(row)),
            )
            for row in model.rows
        ]
        assert plan["outstanding"] == model.outstanding
        fees = sorted((fee["on"], fee["installment"], fee["kind"], fee["amount"], fee["state"]) for fee in state["fees"])
        assert fees == sorted((fee.on.isoformat(), fee.row, fee.kind, fee.amount, fee.state) for fee in model.fees)
        assert sum(one["amount"] for one in state["returned"]) == model.went_back
        assert books_apart() == []


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
    life.buy(amount=7_800, count=4)
    try:
        life.pay_one(place=0)
        life.time_passes(days=20)
        assert [fee.amount for fee in life.model.fees] == [FEE]
        # All of it, and the fee of the second installment, on its day: the fee would not have come, so its 7 dollars go back.
        life.receive(amount=58_50 + FEE, ago=6)
        life.the_same_is_owed()
        assert (life.model.outstanding, life.model.went_back) == (0, FEE)
        # Of the first installment's 19.50 no cent is paid by them again.
        life.reverse(place=0)
        life.the_same_is_owed()
        assert (life.model.outstanding, life.model.went_back) == (19_50, FEE)
    finally:
        life.teardown()


def test_the_model_and_the_product_agree():
    live(4, 10)


@pytest.mark.timeout(7_200)
def test_the_model_and_the_product_agree_for_long():
    live(sized(200, 10), sized(50, 20))
