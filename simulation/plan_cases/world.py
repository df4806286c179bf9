"""The people and rows of one case: a consumer with a card, a shop for each currency, and an order for each plan."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts import services as accounts
from accounts.models import Consumer, User
from accounts.queries import operators
from checkout import services as checkouts
from checkout.models import Checkout, Order
from checkout.queries import get_checkout
from checkout.services import CheckoutDraft
from collection import services as collection
from controls import services as controls
from core.db import unit
from core.money import MAX_MINOR, Money
from credit.models import CreditLine, Decision, LimitChange
from markets import queries as markets
from markets.models import ExchangeRate, Market, MarketSetting
from markets.queries import FEE_CAPS, PAYMENT_ORDER
from merchants.models import Merchant
from merchants.services import create_merchant
from payments import services as payments
from payments.models import Charge, PaymentMethod
from plans import services as plans
from plans.documents.writing import Agreement
from plans.models import Installment, Plan, Product
from plans.queries import installments_of, make_quote
from plans.rules.arrears import days_past_due
from plans.rules.schedule import ProductTerms
from plans.states import PlanStatus
from simulation.plan_cases.form import Case, PlanCase, Step
from simulation.plan_cases.gateway import CaseGateway

ACTOR = "plan cases"
MAY_PROPOSE = ("plans.propose_chargeoff", "controls.propose_movement")
MAY_APPROVE = ("plans.confirm_chargeoff", "controls.approve_movement")
AGREEMENT = Agreement(version="case", text="Agreed to in a worked case.")
URLS = {"confirmation": "https://shop.example/thanks", "cancel": "https://shop.example/basket"}
CARD = "4242424242424242"
MORNING, NOON, EVENING = time(8), time(12), time(23, 30)
AUTHORIZED_DAYS = 180


@dataclass(slots=True)
class World:
    """The rows of one case, by the case's own keys; `charged_by` maps charges to the step that made them."""

    case: Case
    gateway: CaseGateway
    consumer: Consumer
    zone: ZoneInfo
    method: PaymentMethod
    moment: datetime
    orders: dict[str, Order] = field(default_factory=dict)
    shops: dict[str, Merchant] = field(default_factory=dict)
    charged_by: dict[uuid.UUID, str] = field(default_factory=dict)
    recovered: list[Charge] = field(default_factory=list)
    closed: date | None = None
    people: tuple[User, User] | None = None

    def live_until(self, day: date) -> None:
        """Sell what is captured up to a date, and close the days before it that are not closed yet."""
        one = self.closed + timedelta(days=1) if self.closed else min(plan.captured for plan in self.case.plans.values())
        while one < day:
            self.start_plans(one)
            self.close(one)
            one += timedelta(days=1)
        self.start_plans(day)

    def close(self, day: date) -> None:
        """Close a day at its end: fees, then what is given up by its days past due."""
        self.closed = day
        if not (self.case.fees.as_json() or self.case.charge_off_days):
            return
        at = self.begin(day, EVENING)
        for key, order in self.orders.items():
            collection.mark_plan_overdue(plan_id=order.plan_id, at=at)
            plans.close_fees(plan_ids=[order.plan_id], day=day, at=at)
            most = self.case.charge_off_days
            if most and days_late(self.installments(key), day) >= most and self.plan(key).status == PlanStatus.ACTIVE:
                self.give_up(key, "uncollectible", at)

    def give_up(self, key: str, cause: str, at: datetime) -> None:
        """Let two operators give a plan up."""
        proposer, approver = self.two_people(at)
        told: dict[str, Any] = {"plan_id": self.orders[key].plan_id, "cause": cause, "reason": "a worked case", "user": proposer}
        made = collection.propose_charge_off(**told, at=at)
        controls.approve_proposal(proposal_id=made.id, user=approver, at=at)

    def receive(self, key: str, amount_minor: int, on: date, at: datetime) -> None:
        """Let two operators record money that came to the bank on a date."""
        proposer, approver = self.two_people(at)
        told: dict[str, Any] = {
            "plan_id": self.orders[key].plan_id,
            "amount_minor": amount_minor,
            "received_on": on,
            "reason": "a worked case",
        }
        made = collection.propose_receipt(**told, bank_reference=f"{key} {at:%Y%m%d%H%M}", user=proposer, at=at)
        controls.approve_proposal(proposal_id=made.id, user=approver, at=at)

    def two_people(self, at: datetime) -> tuple[User, User]:
        """Return who proposes and who approves: operators of the installation, or new ones where it has none who may."""
        if self.people is None:
            found = list(operators().order_by("pk"))
            proposer = next((one for one in found if one.has_perms(MAY_PROPOSE)), None) or self._operator("proposer", at)
            approver = next((one for one in found if one.has_perms(MAY_APPROVE) and one != proposer), None) or self._operator(
                "approver", at
            )
            self.people = proposer, approver
        return self.people

    def _operator(self, name: str, at: datetime) -> User:
        return accounts.make_operator(email=f"{name}@cases.example", name=name, may_all=True, actor=ACTOR, at=at)

    def begin(self, day: date, hour: time = NOON) -> datetime:
        """Advance to an hour of a date where the consumer lives, or by a minute if it is past; return the time."""
        self.moment = max(datetime.combine(day, hour, tzinfo=self.zone), self.moment + timedelta(minutes=1))
        return self.moment

    def wait_for_retries(self, step: Step) -> datetime:
        """Advance to the hour at which workers retry on a step's date; return the time."""
        waiting = [row.next_attempt_at for key in self.plans_of(step) for row in self.installments(key) if row.status in Installment.OPEN]
        today = [at for at in waiting if at and at.astimezone(self.zone).date() == step.on]
        self.moment = max([self.moment, *today])
        return self.moment

    def plans_of(self, step: Step) -> list[str]:
        """Return the keys of the plans that a step affects: the one that it names, or all that were sold."""
        return [key for key in self.case.plans_of(step) if key in self.orders]

    def plan(self, key: str) -> Plan:
        """Return a plan freshly read, with the related rows that the services need."""
        related = ("product__market", "consumer", "payment_method")
        return Plan.objects.select_related(*related).get(id=self.orders[key].plan_id)

    def installments(self, key: str) -> list[Installment]:
        """Return a plan's installments, freshly read."""
        return installments_of(self.plan(key))

    def replace_card(self, at: datetime) -> None:
        """Give the consumer another card, and charge their plans to it."""
        self.method = payments.add_card(consumer=self.consumer, number=CARD, at=at)

    def start_plans(self, upto: date) -> None:
        """Sell and capture everything that is due for capture up to a date, in the order of the plans."""
        for key, plan in self.case.plans.items():
            if key not in self.orders and plan.captured <= upto:
                at = self.begin(plan.captured, MORNING)
                self.orders[key] = self._sell(key, plan, at)
                self.capture(key, plan.amount_minor, at)

    def capture(self, key: str, amount_minor: int, at: datetime) -> None:
        """Capture an amount of a plan's order."""
        order = self.orders[key]
        checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=amount_minor, actor=ACTOR, at=at)

    def _sell(self, key: str, plan: PlanCase, at: datetime) -> Order:
        """Let the consumer agree to a plan for the total that the case captures of it."""
        later = sum(step.given["amount"] for step in self.case.steps if step.do == "capture" and key in self.case.plans_of(step))
        amount, shop = Money(plan.amount_minor + later, plan.currency), self._shop(plan.currency, at)
        item = {"name": key, "quantity": 1, "unit_amount": amount.minor, "amount": amount.minor}
        draft = CheckoutDraft(amount=amount, merchant_reference=key, urls=URLS, items=[item])
        checkout = checkouts.open_checkout(merchant=shop, draft=draft, at=at)
        _approve(checkout, self.consumer, at)
        return checkouts.authorize_order(
            checkout_id=checkout.id,
            consumer=self.consumer,
            quote=replace(make_quote(_product(shop.market, plan), amount, plan.captured), fees=self.case.fees),
            method=self.method,
            held=None,
            agreement=AGREEMENT,
            at=at,
        )

    def _shop(self, currency: str, at: datetime) -> Merchant:
        if currency not in self.shops:
            market = _market(self.case.market, currency, len(self.shops))
            _set_law(self.case, market)
            self.shops[currency] = create_merchant(
                name="Case", legal_name="Case", market=market, payout_destination="bank", authorization_days=AUTHORIZED_DAYS, at=at
            )
            self.give_limit(self.consumer, currency, at)
        return self.shops[currency]

    def give_limit(self, consumer: Consumer, currency: str, at: datetime) -> None:
        """Give a consumer a limit in a currency that no purchase of a case exceeds."""
        with unit():
            line = CreditLine.objects.create(
                consumer=consumer, currency=currency, limit_minor=MAX_MINOR, order_limit_minor=MAX_MINOR, decided_at=at
            )
            LimitChange.objects.create(line=line, before_minor=0, after_minor=MAX_MINOR, reason="first_decision", at=at)


def days_late(rows: Iterable[Installment], day: date) -> int:
    """Return how many days a plan is past due on a date; a fee alone is not late."""
    return days_past_due(((row.due_date, row.open_minor - row.open_fees_minor) for row in rows), day)


def build_world(case: Case, gateway: CaseGateway) -> World:
    """Make the consumer of a case, on the morning of its first day."""
    first = min(plan.captured for plan in case.plans.values())
    _give_rates({plan.currency for plan in case.plans.values()}, first)
    currency = next(iter(case.plans.values())).currency
    market = _market(case.market, currency, 9)
    markets.fee_rows.keep([])
    markets.order_rows.keep([])
    _set_law(case, market)
    zone = ZoneInfo(market.time_zone)
    at = datetime.combine(_since(case) or first, MORNING, tzinfo=zone)
    consumer = accounts.get_or_create_consumer(channel="email", destination="plan-cases@people.example", market=market, at=at)
    method = payments.add_card(consumer=consumer, number=CARD, at=at)
    return World(case, gateway, consumer, zone, method, at)


def _give_rates(currencies: Collection[str], day: date) -> None:
    """Enter an exchange rate for currencies without one, since debt in all currencies counts against each limit."""
    known = ExchangeRate.objects.filter(currency__in=currencies).values_list("currency", flat=True)
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency=currency, date=day, per_euro_e8=10**8, source="case") for currency in set(currencies) - set(known)
    )
    markets.forget()


def _since(case: Case) -> date | None:
    since = (case.raw.get("consumer") or {}).get("since")
    return date.fromisoformat(since) if since else None


def _market(code: str, currency: str, number: int) -> Market:
    """Return the market of a case, or a new one where no such market has that currency."""
    found = Market.objects.filter(code=code).first()
    if found is not None and found.currency == currency:
        return found
    given: dict[str, Any] = {"name": "Case", "locale": "en_US", "time_zone": found.time_zone if found else "UTC", "law": "US"}
    made = Market.objects.create(code=f"{number}-", currency=currency, **given)
    markets.forget()
    return made


def _set_law(case: Case, market: Market) -> None:
    """Let a case's caps on fees, and its order of buckets, be those of a market on all its days.

    The rows begin today, as the database asks of every row; the cache holds them as if they had begun before the case.
    """
    if any(row.market_id == market.code for row in markets.fee_rows()):
        return
    caps = _law(market, FEE_CAPS, dict(case.caps))
    markets.fee_rows.keep([*markets.fee_rows(), caps])
    if buckets := case.raw.get("allocation"):
        order = _law(market, PAYMENT_ORDER, {str(place): name for place, name in enumerate(buckets, 1)})
        markets.order_rows.keep([*markets.order_rows(), order])


def _law(market: Market, key: str, value: dict[str, Any]) -> MarketSetting:
    made = MarketSetting.objects.create(market=market, key=key, value=value, valid_from=date.max - timedelta(days=1), source="case")
    made.valid_from = date.min
    return made


def _product(market: Market, plan: PlanCase) -> Product:
    terms: ProductTerms = plan.terms
    return Product.objects.create(
        market=market,
        code=terms.code,
        name=terms.code,
        count=terms.count,
        interval=terms.interval,
        interval_days=terms.interval_days,
        first=terms.first,
        rate_bps=terms.rate_bps,
        remainder=terms.remainder,
        refund_rule=plan.refund_rule,
        minimum_minor=1,
        maximum_minor=MAX_MINOR,
        active=False,
    )


def _approve(checkout: Checkout, consumer: Consumer, at: datetime) -> None:
    """Tie a checkout to the consumer, with an approving decision."""
    checkouts.identify(checkout_id=checkout.id, consumer=consumer, at=at)
    decision = Decision.objects.create(
        consumer=consumer,
        reference=checkout.public_id,
        currency=checkout.currency,
        amount_minor=checkout.amount_minor,
        outcome="approve",
        limit_minor=MAX_MINOR,
        order_limit_minor=MAX_MINOR,
        score=0,
        inputs={},
        versions={},
        at=at,
    )
    Checkout.objects.filter(id=get_checkout(checkout.id).id).update(decision=decision)
