"""Sell debts: list what is to be sold, and propose the sale, a return and money of the buyer; another operator decides each."""

import uuid
from datetime import date, datetime

from collection.contacting import kept_with_us
from collection.services.receiving import tidy
from controls import services as controls
from controls.kinds import Person
from controls.models import Proposal
from core.clock import local_date
from core.db import unit
from core.errors import Conflict, Invalid, require
from core.ids import uuid7
from core.money import bps_of
from core.sentences import Sentence
from markets.queries import get_market
from plans.models import ChargeOff, DebtSale, SoldPlan
from plans.sale_guards import BUYER_PAID, RETURNED, SALE
from plans.sales import Choice, digest_of, find_sold, get_sale, list_to_sell
from plans.services.taking_back import RETURN_CHANGED, refuse_unbooked

MAY_SELL = "plans.propose_debtsale"
BUYER, COUNT, FACE, PRICE, LIST = "buyer", "plans", "face_minor", "price_minor", "list"
CAUSE, AMOUNT, REFERENCE = "cause", "amount_minor", "bank_reference"
WHOLE_BPS = 10_000


def list_debts(
    *,
    market: str,
    buyer: str,
    contact: str,
    price_bps: int,
    warranty_days: int,
    given_up_until: date,
    least_minor: int,
    most_minor: int,
    causes: tuple[str, ...],
    user: Person,
    at: datetime,
) -> DebtSale:
    """Make the list of a sale from what was given up in a market; nothing is sold until two operators agree on it.

    Each plan's price is its share of what is open (`price_bps`), rounded to the nearest minor unit. What people owe whose complaint waits
    for its answer is left out. Forbidden without the right; Invalid without a buyer, how they are reached, and a price between 0 and the
    whole; Conflict if nothing is found.
    """
    require(user, MAY_SELL)
    if not buyer.strip() or not contact.strip():
        raise Invalid("Say who buys, and how people reach them.", fields={BUYER: Sentence("say who buys, and how people reach them")})
    if not 0 < price_bps <= WHOLE_BPS or not set(causes) <= dict(ChargeOff.REASONS).keys():
        raise Invalid("Enter a price above zero, up to the whole.", fields={"price_bps": Sentence("enter a share above zero")})
    currency = get_market(market).currency
    choice = Choice(market, currency, given_up_until, least_minor, most_minor, causes)
    with unit():
        listed = list_to_sell(choice)
        waiting = kept_with_us([key for key, _ in listed])
        found = [(key, minor) for key, minor in listed if key not in waiting]
        if not found:
            raise Conflict("Nothing that was given up fits this choice.", code="plans.nothing_to_sell")
        sale = DebtSale.objects.create(
            market_id=market,
            currency=currency,
            buyer=buyer.strip(),
            contact=contact.strip(),
            price_bps=price_bps,
            warranty_days=warranty_days,
            chosen_by=choice.as_json(),
            made_by=str(user.pk),
            made_at=at,
        )
        SoldPlan.objects.bulk_create(
            SoldPlan(id=uuid7(), sale=sale, plan_id=key, face_minor=minor, price_minor=bps_of(minor, price_bps)) for key, minor in found
        )
    return sale


def values_of(sale: DebtSale) -> dict[str, object]:
    """Return what a proposal to sell a list says: exactly what both people see."""
    listed = list(sale.plans.all())
    return {
        BUYER: sale.buyer,
        COUNT: len(listed),
        FACE: sum(one.face_minor for one in listed),
        PRICE: sum(one.price_minor for one in listed),
        LIST: digest_of(listed),
    }


def propose_sale(*, sale_id: uuid.UUID, reason: str, user: Person, at: datetime) -> Proposal:
    """Propose to sell a list; nothing changes until another operator approves it. Conflict if it is sold already."""
    sale = get_sale(sale_id)
    if sale.sold_at is not None:
        raise Conflict("This is sold already.", code="plans.sold_already")
    return controls.propose(kind=SALE, subject=str(sale.pk), after=values_of(sale), reason=reason, starts_on=None, user=user, at=at)


def propose_return(*, plan_id: uuid.UUID, cause: str, price_minor: int, reason: str, user: Person, at: datetime) -> Proposal:
    """Propose to take a sold plan back for a price in minor units; `cause` is one of `SoldPlan.CAUSES`.

    A return under the warranty costs what the plan was sold for less what was passed on for it, and must come within its days; Invalid,
    Conflict otherwise.
    """
    check_return(plan_id, cause, price_minor, at)
    after = {CAUSE: cause, PRICE: price_minor}
    return controls.propose(kind=RETURNED, subject=str(plan_id), after=after, reason=reason, starts_on=None, user=user, at=at)


def check_return(plan_id: uuid.UUID, cause: str, price_minor: int, at: datetime | None = None) -> SoldPlan:
    """Return how a plan was sold, if it can be returned for a cause and a price; the days of the warranty count at a moment only."""
    one = find_sold(plan_id)
    if one is None or one.sold_at is None:
        raise Conflict("This debt is not sold.", code="plans.not_sold")
    if cause not in dict(SoldPlan.CAUSES):
        raise Invalid("Choose why it comes back.", fields={CAUSE: Sentence("choose a reason")})
    refuse_unbooked(plan_id, cause)
    if cause == SoldPlan.BOUGHT_BACK:
        if not 0 <= price_minor <= one.face_minor:
            raise Invalid("Enter a price up to what was sold.", fields={PRICE: Sentence("enter a price up to what was sold")})
        return one
    if price_minor != one.warranty_minor:
        raise Conflict(RETURN_CHANGED, code="plans.something_else")
    zone = one.plan.time_zone
    if at is not None and (local_date(at, zone) - local_date(one.sold_at, zone)).days > one.sale.warranty_days:
        raise Conflict("The days of the warranty are over. It can be bought back.", code="plans.warranty_over")
    return one


def propose_buyer_payment(
    *, sale_id: uuid.UUID, amount_minor: int, bank_reference: str, reason: str, user: Person, at: datetime
) -> Proposal:
    """Propose to record money between a buyer and us, in minor units: from them above zero, to them below.

    It counts once by what the bank calls it.
    """
    after = {AMOUNT: amount_minor, REFERENCE: tidy(bank_reference)}
    return controls.propose(kind=BUYER_PAID, subject=str(sale_id), after=after, reason=reason, starts_on=None, user=user, at=at)
