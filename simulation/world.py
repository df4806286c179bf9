"""Simulates the drawn lives day by day through the real services."""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from math import ceil
from typing import Any

from accounts import queries as accounts
from accounts.models import Consumer
from accounts.states import Identity
from checkout import services as checkouts
from checkout.models import Checkout, Order
from checkout.services import CheckoutDraft
from collection import services as collection
from core import clock, timers
from core.errors import DomainError
from core.money import Money
from merchants.models import Merchant
from payments.gateways.sandbox import follow_clock
from plans import services as plans
from plans.models import Plan
from plans.queries import Scope
from plans.states import PLAN_OPEN
from simulation import shopper
from simulation.lives import GOOD_CARD, Life, Purchase

log = logging.getLogger("simulation")
ACTOR = "simulation"
HOUR = time(12)
"""Days are simulated at noon (UTC): at that hour, the date is the same in nearly all time zones of the markets."""
Act = Callable[[datetime], None]


@dataclass(slots=True)
class Tally:
    """Counts of what happened, by name."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str) -> None:
        """Count one."""
        self.counts[name] = self.counts.get(name, 0) + 1


def _capture(*, order_id: uuid.UUID, merchant: Merchant, amount_minor: int | None, actor: str, at: datetime) -> None:
    """Capture as a shop does: the deposit first."""
    checkouts.take_deposit(order_id=order_id, merchant=merchant, amount_minor=amount_minor, at=at)
    checkouts.capture_order(order_id=order_id, merchant=merchant, amount_minor=amount_minor, actor=actor, at=at)


@dataclass(slots=True)
class World:
    """The remaining days with their actions, in a reproducible order."""

    merchants: list[Merchant]
    tally: Tally = field(default_factory=Tally)
    agenda: dict[int, list[tuple[tuple[int, int], Act]]] = field(default_factory=dict)
    sequence: int = 0
    bought: int = 0

    def plan(self, day: int, life: Life, act: Act) -> None:
        """Add an act to a day's agenda."""
        self.sequence += 1
        self.agenda.setdefault(day, []).append(((life.index, self.sequence), act))

    def enter(self, life: Life) -> None:
        """Add a life's purchases, and the day on which a late payer pays, to the agenda."""
        for purchase in life.purchases:
            self.plan(purchase.day, life, lambda at, life=life, purchase=purchase: self.buy(life, purchase, at))  # type: ignore[misc]
        if life.cure_day is not None:
            self.plan(life.cure_day, life, lambda at: self.cure(life, at))

    def live_day(self, day: int, at: datetime) -> None:
        """Carry out the day's agenda; a refusal by the product is counted, not fatal."""
        while acts := sorted(self.agenda.pop(day, []), key=lambda entry: entry[0]):
            for _, act in acts:
                try:
                    act(at)
                except DomainError as error:
                    self.tally.add(f"refused: {error.code}")

    def buy(self, life: Life, purchase: Purchase, at: datetime) -> None:
        """Open a checkout as the shop and complete it as the consumer; then plan the later actions."""
        merchant = self.merchants[purchase.merchant]
        self.bought += 1
        draft = _draft(merchant, purchase, f"#{10_000 + self.bought}")
        checkout = checkouts.open_checkout(merchant=merchant, draft=draft, at=at)
        if purchase.leaves:
            self.leave(checkout, life, purchase.leaves, at)
            return
        outcome = shopper.complete(checkout=checkout, email=life.email, product=purchase.product, card=life.card, at=at)
        self.tally.add(outcome.outcome)
        if outcome.order is not None:
            self._follow_up(life, purchase, outcome.order)

    def leave(self, checkout: Checkout, life: Life, after: str, at: datetime) -> None:
        """Go through checkout up to the step at which this consumer leaves it."""
        if after != "opened":
            consumer = shopper.identify(checkout=checkout, email=life.email, at=at)
            if after == "approved" and consumer.identity == Identity.VERIFIED:
                checkouts.decide(checkout_id=checkout.id, at=at)
        self.tally.add("left checkout")

    def _follow_up(self, life: Life, purchase: Purchase, order: Order) -> None:
        merchant, key = self.merchants[purchase.merchant], order.id
        for day, amount in purchase.captures:
            self.plan(
                day,
                life,
                self._doing("captured", _capture, order_id=key, merchant=merchant, amount_minor=amount, actor=ACTOR),
            )
        for day, amount in purchase.refunds:
            refund = {"order_id": key, "merchant": merchant, "amount_minor": amount, "reason": "Returned", "actor": ACTOR}
            self.plan(day, life, self._doing("refunded", checkouts.refund_order, **refund))
        if purchase.void_day is not None:
            self.plan(purchase.void_day, life, self._doing("voided", checkouts.void_order, order_id=key, merchant=merchant, actor=ACTOR))
        if purchase.release_day is not None and purchase.void_day is None:
            release = self._doing("released", checkouts.release_order, order_id=key, merchant=merchant, actor=ACTOR)
            self.plan(purchase.release_day, life, release)
        if purchase.early is not None:
            day, scope = purchase.early
            self.plan(day, life, lambda at: self.pay_early(order, scope, at))

    def _doing(self, name: str, service: Callable[..., Any], **what: Any) -> Act:
        def act(at: datetime) -> None:
            service(**what, at=at)
            self.tally.add(name)

        return act

    def pay_early(self, order: Order, scope: Scope, at: datetime) -> None:
        """Pay the next or all open installments of an order today."""
        plan = Plan.objects.select_related("consumer", "payment_method").get(id=order.plan_id)
        collection.pay_now(consumer=plan.consumer, plan=plan, scope=scope, method=plan.payment_method, at=at, actor=ACTOR)
        self.tally.add("paid early")

    def cure(self, life: Life, at: datetime) -> None:
        """Give a late payer a good card; overdue installments are charged to it from now on."""
        consumer = accounts.find_consumer(channel="email", destination=life.email)
        if consumer is None:
            return
        method = shopper.card_of(consumer, GOOD_CARD, at)
        for plan in _open_plans(consumer):
            plans.change_method(plan=plan, method=method, at=at)
        self.tally.add("cured")


def _open_plans(consumer: Consumer) -> list[Plan]:
    return list(Plan.objects.filter(consumer=consumer, status__in=PLAN_OPEN).order_by("id"))


def _draft(merchant: Merchant, purchase: Purchase, reference: str) -> CheckoutDraft:
    item = {"name": purchase.item, "quantity": 1, "unit_amount": purchase.amount_minor, "amount": purchase.amount_minor}
    urls = {"confirmation": f"https://{merchant.slug}.example/thanks", "cancel": f"https://{merchant.slug}.example/basket"}
    return CheckoutDraft(
        amount=Money(purchase.amount_minor, merchant.currency),
        merchant_reference=reference,
        items=[item],
        urls=urls,
        capture="manual",
    )


def live(*, world: World, lives: list[Life], days: int, past: bool = False) -> Iterator[int]:
    """Simulate this many days and yield each as it ends; all are simulated at the same hour, so that the hour of the start matters little.

    The clock is held, and moved forward to each day. With `past`, the days are before the present and the clock is not moved (for seeding,
    while no worker runs).
    """
    for life in lives:
        world.enter(life)
    with nullcontext() if past else timers.moving_clock():
        start = first_moment(clock.now() - timedelta(days=days) if past else clock.now(), past=past)
        for day in range(days):
            at = start + timedelta(days=day)
            _begin_day(at, past=past)
            world.live_day(day, at)
            timers.run_until_quiet(at=at)
            yield day + 1
    if past:
        follow_clock(offset=clock.offset())


def first_moment(now: datetime, *, past: bool) -> datetime:
    """Return the nearest time at `HOUR` after `now`, or with `past` before it."""
    hour = datetime.combine(now.date(), HOUR, UTC)
    if past:
        return hour if hour <= now else hour - timedelta(days=1)
    return hour if hour >= now else hour + timedelta(days=1)


def _begin_day(at: datetime, *, past: bool) -> None:
    if past:
        follow_clock(offset=at - clock.wall())
        return
    seconds = ceil((at - clock.now()).total_seconds())
    if seconds > 0:
        timers.forward(seconds=seconds)
    timers.run_until_quiet(at=at)
