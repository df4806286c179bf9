"""People of six markets who pay, forget, run out of money and promise, lived hour by hour for hundreds of days, with all timers.

Cards are charged in this process, and letters and SMS are counted instead of sent; all else is the product's own. People live in several
time zones, and the clock stops at them by night too.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings

from accounts import queries as people
from accounts import rules as personal
from checkout import services as checkouts
from checkout.agreeing import write_terms
from checkout.models import Order
from checkout.quoting import checkout_quotes
from collection import services as collection
from core import timers
from core.errors import DomainError
from core.money import Money
from markets.models import Market
from merchants.models import Merchant
from merchants.services import create_merchant
from payments.gateways.base import ChargeRequest, Outcome, Status
from plans.models import Plan
from plans.states import PLAN_OWED
from simulation.lives import SCALE
from tests.approved import approve
from tests.cast import Buyer
from tests.plans.dying_steps import RememberingGateway

log = logging.getLogger(__name__)
HOURS = (4, 12, 20)
"""The hours (UTC) at which the clock stops each day."""
PLACES = {
    "US": (("Portland", "97205", "OR"), ("Albany", "12207", "NY"), ("Denver", "80202", "CO"), ("Honolulu", "96813", "HI")),
    "AU": (("Perth", "6000", "WA"), ("Sydney", "2000", "NSW"), ("Brisbane", "4000", "QLD")),
    "GB": (("Leeds", "LS1 4AP", ""),),
    "DK": (("Aarhus", "8000", ""),),
    "SE": (("Lund", "222 22", ""),),
    "DE": (("Bremen", "28195", ""),),
}
ZONES = {
    "OR": "America/Los_Angeles",
    "NY": "America/New_York",
    "CO": "America/Denver",
    "HI": "Pacific/Honolulu",
    "WA": "Australia/Perth",
    "NSW": "Australia/Sydney",
    "QLD": "Australia/Brisbane",
    "GB": "Europe/London",
    "DK": "Europe/Copenhagen",
    "SE": "Europe/Stockholm",
    "DE": "Europe/Berlin",
}
"""The time zones of those places, written down apart from the product."""
HABITS = (("pays", 40), ("runs_out", 28), ("pays_parts", 12), ("promises", 10), ("never", 10))
MOST_PAYMENTS = 6
KEPT_APART = {"promises"}
"""Whoever is let be for a while by their own promise: what is owed to them in time is not calculated here."""


class Cards(RememberingGateway):
    """Charges everybody's card but of those who have no money now, by the plan of the charge."""

    def __init__(self) -> None:
        super().__init__()
        self.empty: set[str] = set()

    def charge(self, request: ChargeRequest) -> Outcome:
        if request.reference in self.empty:
            return Outcome(Status.FAILED, failure="insufficient_funds")
        return super().charge(request)


@dataclass
class Person:
    """One person: where they live, how they pay, and the plans that they have, by key."""

    number: int
    market: str
    region: str
    habit: str
    plans: dict[str, Plan] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"c{self.number}+approve@people.example"

    @property
    def zone(self) -> str:
        return ZONES[self.region or self.market]


@dataclass
class Days:
    """The days to live: who acts when, and what came of it."""

    start: datetime
    days: int
    count: int
    cards: Cards
    seed: int = 7
    people: list[Person] = field(default_factory=list)
    agenda: dict[tuple[int, int], list[Callable[[datetime], None]]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    shops: dict[str, Merchant] = field(default_factory=dict)
    buying: Person | None = None
    end: datetime | None = None

    def draw(self) -> None:
        """Draw the people, what they buy and when they have no money."""
        for code in PLACES:
            told: dict[str, Any] = {"market": Market.objects.get(code=code), "payout_destination": "bank", "slug": f"shop-{code.lower()}"}
            self.shops[code] = create_merchant(name=f"Shop {code}", legal_name=f"Shop {code}", at=self.start, **told)
        for number in range(self.count):
            by = Random(f"{self.seed}:{number}")
            market = list(PLACES)[number % len(PLACES)]
            habit = by.choices([name for name, _ in HABITS], [often for _, often in HABITS])[0]
            person = Person(number, market, by.choice(PLACES[market])[2], habit)
            self.people.append(person)
            self._live(person, by)

    def _live(self, person: Person, by: Random) -> None:
        day = by.randrange(max(1, self.days // 8, self.days - 160))
        self._on(day, by, lambda at: self.buy(person, by.randint(60, 400), at))
        if person.habit == "pays":
            return
        # The first payment succeeds; the trouble begins in the weeks after it.
        begins = day + by.randint(5, max(12, min(45, self.days // 4)))
        self._on(begins, by, lambda at: self._set_empty(person, empty=True))
        if person.habit == "never":
            return
        ends = begins + by.choice([6, 12, 20, 40, 70, 100])
        if person.habit == "runs_out" and by.random() < 0.5:
            self._on(ends, by, lambda at: self._set_empty(person, empty=False))
        else:
            for _ in range(by.randint(1, 4) if person.habit == "pays_parts" else 0):
                self._on(by.randint(begins, ends), by, lambda at: self.pay(person, by.randint(5, 60), at))
            if person.habit == "promises":
                for later in (20, 34, 60):
                    self._on(begins + later, by, lambda at: self.promise(person, by.randint(2, 8), at))
            self._on(ends, by, lambda at: self.pay(person, 0, at))

    def _on(self, day: int, by: Random, act: Callable[[datetime], None]) -> None:
        self.agenda.setdefault((day, by.randrange(len(HOURS))), []).append(act)

    def live(self) -> None:
        """Live all days; `end` is the time at their end."""
        at = self.start
        for day in range(self.days):
            for number, hour in enumerate(HOURS):
                at = datetime.combine((self.start + timedelta(days=day)).date(), self.start.time(), UTC) + timedelta(hours=hour)
                for act in self.agenda.pop((day, number), []):
                    try:
                        act(at - timedelta(minutes=1))
                    except DomainError as error:
                        self.refused[error.code] = self.refused.get(error.code, 0) + 1
                timers.run_until_quiet(at=at)
            if day % 50 == 49:
                log.warning("%s days lived", day + 1)
        self.end = at

    def buy(self, person: Person, amount: int, at: datetime) -> None:
        """Buy with the plan on offer that a person's number chooses, and have it all sent."""
        shop = self.shops[person.market]
        checkout = Buyer().open(shop, amount * SCALE[shop.currency] * 100, at, merchant_reference=f"R-{person.number}")
        offered = sorted((one.product.code for one in checkout_quotes(checkout, at) if one.product.count <= MOST_PAYMENTS), reverse=True)
        self.buying = person
        ready = approve(checkout, person.email, at)
        assert ready is not None
        quote = checkouts.pick_quote(checkout, offered[person.number // len(PLACES) % len(offered)], at)
        agreement = write_terms(checkout, ready[0], quote, at)
        told: dict[str, Any] = {"checkout": checkout, "consumer": ready[0], "quote": quote, "method": ready[1], "agreement": agreement}
        order: Order = checkouts.confirm(**told, at=at)
        checkouts.capture_order(order_id=order.id, merchant=shop, amount_minor=None, actor="shop", at=at)
        person.plans[order.plan.public_id] = order.plan

    def _set_empty(self, person: Person, *, empty: bool) -> None:
        (self.cards.empty.update if empty else self.cards.empty.difference_update)(person.plans)

    def pay(self, person: Person, amount: int, at: datetime) -> None:
        """Pay an amount freely with money from elsewhere; 0 is all that is open."""
        for key, one in person.plans.items():
            plan = Plan.objects.select_related("consumer", "payment_method", "product").get(pk=one.pk)
            if plan.status not in PLAN_OWED:
                continue
            was_empty = key in self.cards.empty
            self.cards.empty.discard(key)
            told: dict[str, Any] = {"consumer": plan.consumer, "plan": plan, "method": plan.payment_method, "actor": "person", "at": at}
            try:
                if amount:
                    money = Money(amount * SCALE[plan.currency] * 100, plan.currency)
                    collection.pay_freely(amount=money, exact=True, **told)
                else:
                    collection.pay_now(scope="all", **told)
            finally:
                if was_empty and amount:
                    self.cards.empty.add(key)

    def promise(self, person: Person, days: int, at: datetime) -> None:
        """Promise some of what is late."""
        for one in person.plans.values():
            collection.promise_to_pay(plan_id=one.pk, amount_minor=1_000, pay_on=(at + timedelta(days=days)).date(), actor="person", at=at)


def place(market_code: str, region: str, at: datetime) -> tuple[dict[str, str], str]:
    """Return the address of a new person in its stored form, and its time zone by the product."""
    market = Market.objects.get(code=market_code)
    city, code, _ = next(one for one in PLACES[market_code] if one[2] == region)
    told = {"line1": "1 Harbor Street", "city": city, "postal_code": code, "region": region, "country": market_code}
    address, faults = personal.normalize_address(told, people.address_form(market, at.date()))
    assert not faults, faults
    return address, people.zone_of(address, market, at.date())


class Live:
    """What senders of messages see of the settings: an installation whose clock does not jump over mornings."""

    SANDBOX = False

    def __getattr__(self, name: str) -> Any:
        return getattr(settings, name)
