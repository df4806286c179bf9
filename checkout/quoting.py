"""The plans on offer for a checkout with their payments, as they are shown before consent and as they were agreed to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from accounts.classes import class_of
from accounts.models import Consumer
from accounts.queries import home_state
from checkout.models import Checkout, Order
from checkout.rules import most_in_a_month
from core.clock import local_date
from core.money import Money
from credit.models import Decision
from credit.rules import Inputs
from merchants.models import Merchant
from payments.queries import smallest_charge, smallest_new_charge
from plans.offers import lawful_in, without_forbidden
from plans.queries import Quote, list_quotes, winning
from plans.rules.scopes import CLASS_AXES, Where
from plans.rules.small import Coming, takings_of


def least_charge(checkout: Checkout) -> int:
    """Return the smallest amount that a card of any gateway of a checkout's brand can be charged, in minor units."""
    return smallest_new_charge(checkout.merchant.market_id, checkout.currency, checkout.merchant.brand_id)


def deposit_offered(checkout: Checkout) -> int:
    """Return the deposit of a checkout's counter-offer, in minor units; 0 if there is none, or if it was accepted."""
    decision = checkout.decision
    return checkout.amount_minor - decision.counter_minor if decision is not None and decision.counter_minor else 0


def least_deposit(checkout: Checkout, deposit_minor: int | None = None) -> int:
    """Return what must be paid of a checkout as a deposit at least, in minor units: by the rules, and by a counter-offer.

    That is the accepted counter-offer, or one of `deposit_minor`. It is never less than can be charged, nor more than the whole amount.
    """
    asked = checkout.deposit_minor if deposit_minor is None else deposit_minor
    share_bps: int = checkout.ruled.get("deposit", {}).get("bps", 0)
    wanted = max(asked, -(-checkout.amount_minor * share_bps // 10_000))
    if not wanted:
        return 0
    return min(max(wanted, least_charge(checkout)), checkout.amount_minor)


def where_at(shop: Merchant, person: Consumer | None) -> Where:
    """Return a purchase at a shop as products' scopes see it, of a person with their classes, or of whoever it will be; no query."""
    given = {axis: class_of(person, axis) for axis in CLASS_AXES} if person else {}
    classes = frozenset(f"{axis}:{code}" for axis, code in given.items() if code)
    return Where(shop.brand_id or "", shop.slug, shop.category, classes)


def checkout_quotes(checkout: Checkout, at: datetime, product_code: str = "", *, deposit_minor: int | None = None) -> list[Quote]:
    """Return the plans on offer for a checkout, as if it were captured now; only the plan of `product_code` if given.

    A checkout keeps the offer from the time when it was opened, with what rules changed when it was approved, less plans that a law now
    forbids, in the market or in the state where the person lives. `deposit_minor` is the deposit of a counter-offer that is not accepted.
    """
    amount = Money(checkout.amount_minor, checkout.currency)
    found = list_quotes(
        market_code=checkout.merchant.market_id,
        amount=amount,
        start=start_of(checkout, at),
        at=checkout.created_at,
        where=where_at(checkout.merchant, checkout.consumer),
        product_code=product_code,
        least_deposit_minor=least_deposit(checkout, deposit_minor),
        by_rule=checkout.ruled.get("offer", {}),
    )
    offered = without_forbidden([quote for quote in found if quote.product.code not in checkout.withheld], at)
    lawful = _with_deposits(checkout, lawful_in(offered, home_state(checkout.consumer), at))
    return _affordable(winning(lawful, product_code), checkout.decision)


def _with_deposits(checkout: Checkout, quotes: Sequence[Quote]) -> list[Quote]:
    """Return the quotes without those whose deposit is too small to be charged."""
    return [one for one in quotes if not one.product.deposit_bps or not 0 < one.deposit_minor < least_charge(checkout)]


def start_of(checkout: Checkout, at: datetime) -> date:
    """Return the day from which the dates of a checkout's plans are counted: today at the person's place, or at the shop's."""
    return local_date(at, checkout.consumer.time_zone if checkout.consumer else checkout.merchant.market.time_zone)


def _affordable(quotes: Sequence[Quote], decision: Decision | None) -> list[Quote]:
    """Return the plans whose payments are not more than what the decision found that the person can afford."""
    inputs = Inputs.from_json(decision.inputs) if decision and decision.inputs else None
    free = inputs.free_minor if inputs else None
    if free is None:
        return list(quotes)
    return [quote for quote in quotes if monthly_of(quote) <= free]


def monthly_of(quote: Quote) -> int:
    """Return the most of a plan that falls due within four weeks, in minor units; a deposit is no payment of the credit."""
    lent = quote.installments[1:] if quote.deposit_minor else quote.installments
    return most_in_a_month([(row.due_date, row.amount_minor) for row in lent])


def lightest_payment(checkout: Checkout, at: datetime) -> int:
    """Return the most that falls due within four weeks under the lightest plan for a checkout; its whole amount without any plan."""
    return min((monthly_of(quote) for quote in checkout_quotes(checkout, at)), default=checkout.amount_minor)


@dataclass(frozen=True, slots=True)
class ScheduledPayment:
    """A payment as pages and letters show it before anything was captured.

    `when` is `day`, or, for a payment without a day, `now`, `ships` or `waived`. A payment is waived if it is too small to be charged and
    no other follows. A payment that is taken with a later one, because it is too small by itself, has the later one's day.
    """

    number: int
    due_date: date
    amount_minor: int
    when: Literal["day", "now", "ships", "waived"] = "day"
    is_deposit: bool = False

    @property
    def said(self) -> str:
        """How a page or letter says when it is taken (`checkout.texts.WHEN`): a deposit is called so."""
        return f"deposit_{self.when}" if self.is_deposit and self.when in {"now", "ships"} else self.when


def quoted_payments(quote: Quote, *, capture: str, brand: str | None = "") -> list[ScheduledPayment]:
    """Return the payments of a quote as a brand takes them, for a shop that captures when it ships (`manual`) or at once (`automatic`)."""
    rows = [(row.number, row.due_date, row.amount_minor) for row in quote.installments]
    least = smallest_new_charge(quote.product.market_id, quote.currency, brand)
    return _scheduled(rows, first_now=quote.first_now, capture=capture, least=least, deposit=quote.deposit_minor > 0)


def agreed_payments(order: Order) -> list[ScheduledPayment]:
    """Return the payments that the consumer agreed to, as if the order were captured on the day of the agreement."""
    kept = order.plan.agreed["installments"]
    rows = [(row["number"], date.fromisoformat(row["due_date"]), amount_of(row)) for row in kept]
    least = smallest_charge(order.plan.payment_method.gateway, order.currency)
    deposit = order.plan.deposit_minor > 0
    first_now = deposit or order.plan.product.first == "now"
    return _scheduled(rows, first_now=first_now, capture=order.capture, least=least, deposit=deposit)


def amount_of(row: Mapping[str, int]) -> int:
    """Return what a payment asks as it was agreed to and is kept with its plan, in minor units."""
    return row["principal_minor"] + row["interest_minor"] + row.get("fee_minor", 0)


def agreed_total(order: Order) -> int:
    """Return the total of the payments that the consumer agreed to, in minor units."""
    return int(order.plan.agreed["total_minor"])


def _scheduled(
    rows: Iterable[tuple[int, date, int]], *, first_now: bool, capture: str, least: int, deposit: bool
) -> list[ScheduledPayment]:
    payments = [ScheduledPayment(*row, is_deposit=deposit and row[0] == 1) for row in rows]
    takings = takings_of([Coming(one.number, one.due_date, one.amount_minor) for one in payments], least=least)
    days = {number: taking.day for taking in takings for number in taking.numbers}
    first: Literal["now", "ships"] = "now" if capture == "automatic" else "ships"
    start = payments[0].due_date if first_now else None
    return [
        replace(one, when="waived")
        if one.number not in days
        else replace(one, when=first if days[one.number] == start else "day", due_date=days[one.number])
        for one in payments
    ]
