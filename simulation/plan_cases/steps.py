"""Each kind of step, carried out by the real services. A step returns its results; only those that a case names are compared."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from checkout import services as checkouts
from checkout.queries import captures_of
from collection import services as collection
from core.clock import local_date
from core.models import OutboxEvent
from core.money import Money
from markets.queries import find_order
from payments import queries as payments
from payments.gateways.base import Outcome, Status
from payments.models import Charge
from payments.services import turns as payment_services
from plans import services as plans
from plans.errors import NothingToPay
from plans.events import PaymentFailed
from plans.freely import buckets_of, quote_freely
from plans.hardship import Answers
from plans.models import Allocation, FeePayment, Installment
from plans.queries import Scope, quote_early
from plans.states import PLAN_OWED
from simulation.plan_cases.form import Step
from simulation.plan_cases.gateway import DECLINES
from simulation.plan_cases.world import ACTOR, World

Did = dict[str, Any]
CAUSES = {"fraud": "fraud", "death": "deceased", "uneconomic": "uneconomic"}
REVERSALS = {"failed_debit": "insufficient_funds", "chargeback": "came_back"}


def look(world: World, step: Step, at: datetime) -> Did:
    """Do nothing: only the state is compared."""
    return {}


def quote(world: World, step: Step, at: datetime) -> Did:
    """Quote the amount that pays off the plan on that date."""
    quotes = [quote_early(world.plan(key), world.installments(key), scope="all", day=step.on) for key in world.plans_of(step)]
    return {"charged": sum(item.amount_minor for item in quotes), "rebate": sum(item.rebate_minor for item in quotes)}


def capture(world: World, step: Step, at: datetime) -> Did:
    """Capture one more part."""
    for key in world.plans_of(step):
        world.capture(key, step.given["amount"], at)
    return {}


def collect(world: World, step: Step, at: datetime) -> Did:
    """Charge everything due, each installment by its own charge; a declined card is replaced first."""
    keys = world.plans_of(step)
    world.method.refresh_from_db()
    if world.method.blocked_at or any(_waits(row, at) for key in keys for row in _due(world, key, step)):
        world.replace_card(at)
        for key in keys:
            plans.change_method(plan=world.plan(key), method=world.method, at=at)
    return {"charged": sum(charge.amount_minor for charge in _run(world, step, at))}


def fail(world: World, step: Step, at: datetime) -> Did:
    """Decline the charges that are due, and return the consequences."""
    world.gateway.decline = DECLINES[step.given["decline"]]
    try:
        failed = _run(world, step, at)
    finally:
        world.gateway.decline = ""
    due = {row.number: row.due_date for key in world.plans_of(step) for row in world.installments(key)}
    told = OutboxEvent.objects.filter(name=PaymentFailed.NAME, payload__charge__in=[charge.public_id for charge in failed])
    payload = max((event.payload for event in told), key=lambda payload: max(due[number] for number in payload["installments"]))
    upto = payload["next_attempt_at"]
    next_attempt = local_date(datetime.fromisoformat(upto), str(world.zone)).isoformat() if upto else None
    return {"charged": 0, "action": payload["action"], "next_attempt": next_attempt}


def pay(world: World, step: Step, at: datetime) -> Did:
    """Pay the open amount of some installments, or a free amount over the step's plans."""
    if "installments" in step.given:
        return _pay(world, step, set(step.given["installments"]), at)
    if step.given.get("value_date"):
        return _receive(world, step, date.fromisoformat(step.given["value_date"]), at)
    plan = world.plan(step.given["plan"]) if step.given.get("plan") else None
    amount = Money(step.given["amount"], (plan or world.plan(next(iter(world.orders)))).currency)
    collection.pay_freely(consumer=world.consumer, amount=amount, plan=plan, method=world.method, actor=ACTOR, at=at)
    made = _note(world, step, (world.plan(key).public_id for key in world.orders))
    return {"charged": sum(charge.amount_minor for charge in made)}


def fee(world: World, step: Step, at: datetime) -> Did:
    """Charge a fee for a service on an installment."""
    for key in world.plans_of(step):
        told = {"number": step.given["installment"], "amount_minor": step.given["amount"]}
        plans.charge_fee(plan_id=world.orders[key].plan_id, actor=ACTOR, at=at, **told)
    return {}


def waive(world: World, step: Step, at: datetime) -> Did:
    """Waive all fees of an installment."""
    for key in world.plans_of(step):
        told = {"number": step.given["installment"], "reason": step.given.get("reason") or "a worked case"}
        plans.waive_fees(plan_id=world.orders[key].plan_id, actor=ACTOR, at=at, **told)
    return {}


def charge_off(world: World, step: Step, at: datetime) -> Did:
    """Give plans up."""
    for key in world.plans_of(step):
        world.give_up(key, CAUSES.get(step.given["reason"], "insolvent"), at)
    return {}


def recover(world: World, step: Step, at: datetime) -> Did:
    """Receive money for plans that were given up."""
    return _receive(world, step, step.on, at, recovered=True)


def _receive(world: World, step: Step, on: date, at: datetime, *, recovered: bool = False) -> Did:
    """Let money that came to the bank on a date pay the step's plans, spread over them as a free payment of that date."""
    plans_ = {key: world.plan(key) for key in world.plans_of(step)}
    members = [(plan, world.installments(key)) for key, plan in plans_.items() if plan.status in PLAN_OWED]
    market, amount = next(iter(plans_.values())).product.market_id, step.given["amount"]
    quote = quote_freely(members, amount_minor=amount, day=on, buckets=buckets_of(find_order(market, on)))
    if not quote.parts:
        raise NothingToPay("Nothing is open.")
    keys = {plan.id: key for key, plan in plans_.items()}
    made: list[Charge] = []
    for part in quote.parts:
        world.receive(keys[part.plan.id], part.amount_minor, on, at)
        made += _note(world, step, [part.plan.public_id])
    world.recovered += made if recovered else []
    return {"charged": sum(charge.amount_minor for charge in made)}


def settle(world: World, step: Step, at: datetime) -> Did:
    """Pay everything that is open."""
    return _pay(world, step, "all", at)


def refund(world: World, step: Step, at: datetime) -> Did:
    """Refund an amount by the product's rule or the given one, from one capture if it is named."""
    canceled = rebate = 0
    for key in world.plans_of(step):
        order, number = world.orders[key], step.given.get("capture")
        capture_id = captures_of(order)[number - 1].public_id if number else ""
        before = sum(row.interest_minor for row in world.installments(key))
        done = checkouts.refund_order(
            order_id=order.id,
            merchant=order.merchant,
            amount_minor=step.given["amount"],
            reason="",
            actor=ACTOR,
            at=at,
            capture_id=capture_id,
            rule=step.given.get("rule"),
        )
        canceled += done.refund.outcome["canceled_minor"]
        rebate += before - sum(row.interest_minor for row in world.installments(key))
    return {"canceled": canceled, "rebate": rebate}


def move(world: World, step: Step, at: datetime) -> Did:
    """Move one due date, as the person does."""
    for key in world.plans_of(step):
        told = {"number": step.given["installment"], "to": date.fromisoformat(step.given["to"])}
        plans.move_date(plan_id=world.orders[key].plan_id, actor=ACTOR, at=at, **told)
    return {}


def change_day(world: World, step: Step, at: datetime) -> Did:
    """Move all dates to come to another day of the month."""
    for key in world.plans_of(step):
        plans.change_day(plan_id=world.orders[key].plan_id, day=step.given["day"], actor=ACTOR, at=at)
    return {}


def hardship(world: World, step: Step, at: datetime) -> Did:
    """Pause a plan for some days, or make its payments smaller."""
    answers = Answers("other", "unknown", can_pay=True)
    for key in world.plans_of(step):
        told: dict[str, Any] = {"plan": world.plan(key), "rows": world.installments(key), "answers": answers, "actor": ACTOR, "at": at}
        if "days" in step.given:
            plans.pause(days=step.given["days"], **told)
        else:
            plans.make_smaller(count=step.given["count"], **told)
    return {}


def reverse(world: World, step: Step, at: datetime) -> Did:
    """Let the bank take back the charge by which an earlier step paid an installment, or a free amount."""
    keys = [world.orders[key].plan_id for key in world.plans_of(step)]
    made = [key for key, by in world.charged_by.items() if by == step.given["payment"]]
    found = Allocation.objects.filter(charge_id__in=made, installment__plan__in=keys)
    fees = FeePayment.objects.filter(charge_id__in=made, fee__installment__plan__in=keys)
    if number := step.given.get("installment"):
        found, fees = found.filter(installment__number=number), fees.filter(fee__installment__number=number)
    keys_ = {*found.values_list("charge_id", flat=True), *fees.values_list("charge_id", flat=True)}
    for request in payments.load_charges(sorted(keys_)):
        outcome = Outcome(Status.FAILED, request.key, failure=REVERSALS[step.given["reason"]])
        payment_services.reverse_charges(requests=[request], outcome=outcome, at=at)
    return {}


def close_day(world: World, step: Step, at: datetime) -> Did:
    """Close the day."""
    world.close(step.on)
    return {}


STEPS: dict[str, Callable[[World, Step, datetime], Did]] = {
    "look": look,
    "quote": quote,
    "capture": capture,
    "collect": collect,
    "fail": fail,
    "pay": pay,
    "settle": settle,
    "refund": refund,
    "reverse": reverse,
    "hardship": hardship,
    "move": move,
    "change_day": change_day,
    "close_day": close_day,
    "fee": fee,
    "waive": waive,
    "charge_off": charge_off,
    "recover": recover,
}


def _due(world: World, key: str, step: Step) -> list[Installment]:
    return [row for row in world.installments(key) if row.status in Installment.OPEN and row.due_date <= step.on]


def _waits(row: Installment, at: datetime) -> bool:
    """Whether workers skip an installment for now, because its last charge failed."""
    return bool(row.attempts) and (row.next_attempt_at is None or row.next_attempt_at > at)


def _run(world: World, step: Step, at: datetime) -> list[Charge]:
    """Charge the due installments of the step's plans as workers do, and return the charges."""
    keys = world.plans_of(step)
    for key in keys:
        collection.charge_plan_now(plan_id=world.orders[key].plan_id, at=at)
    return _note(world, step, (world.plan(key).public_id for key in keys))


def _pay(world: World, step: Step, scope: Scope, at: datetime) -> Did:
    """Let the consumer pay on each of the step's plans; NothingToPay if none has an open amount."""
    before = {key: sum(row.interest_minor for row in world.installments(key)) for key in world.plans_of(step)}
    charged, refused = 0, None
    for key in before:
        plan = world.plan(key)
        try:
            charge = collection.pay_now(consumer=world.consumer, plan=plan, scope=scope, method=world.method, actor=ACTOR, at=at)
        except NothingToPay as error:
            refused = error
            continue
        charged += charge.amount_minor
        _note(world, step, [plan.public_id])
    if refused is not None and not charged:
        raise refused
    return {
        "charged": charged,
        "rebate": sum(was - sum(row.interest_minor for row in world.installments(key)) for key, was in before.items()),
    }


def _note(world: World, step: Step, references: Iterable[str]) -> list[Charge]:
    """Record the new charges as those of the step, and return them."""
    made = [charge for charge in Charge.objects.filter(reference__in=list(references)) if charge.id not in world.charged_by]
    world.charged_by.update({charge.id: step.id for charge in made})
    return made
