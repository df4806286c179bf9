"""New payments that an operator offers and the person agrees to: another number of them, a lower rate, or both."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from core.clock import local_date
from core.sentences import marked
from plans.models import Installment, Plan, PlanChange
from plans.offers import caps_of, law_on
from plans.queries import quote_early
from plans.rearranging import Wanted, layouts_of, payments_of, rules_in
from plans.rules.apr import Law, display_apr_bps, legal_apr
from plans.rules.rates import NoRateError
from plans.rules.rearranging import OFFERED, RESTRUCTURED

DECLINED = "restructure_declined"
_STEPS = (OFFERED, DECLINED, RESTRUCTURED)
OFFER_DAYS = 14
"""How long a person may agree."""
REFUSED = {
    "count": marked("Choose fewer payments."),
    "rate": marked("The rate may be lower than that of the plan, and not higher."),
    "law": marked("These payments would cost more than the law of the market permits."),
    "offered": marked("New payments are offered already. The person decides."),
    "gone": marked("This offer has ended."),
    "changed": marked("Something changed since you looked. Nothing was agreed on. Please look again."),
}
"""Why new payments cannot be offered or agreed on."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An open offer: its version of the schedule, how many payments to come, the yearly rate in basis points, and its last day."""

    change: PlanChange
    count: int
    rate_bps: int
    until: datetime


@dataclass(frozen=True, slots=True)
class NewPayments:
    """What an offer makes of a plan on a day, in minor units: (due date, principal, interest), by date, and their APR.

    `owed_minor` is what is owed on that day: the open price, and the interest due and accrued. `fees_minor` stay open beside.
    """

    payments: tuple[tuple[date, int, int], ...]
    owed_minor: int
    fees_minor: int
    apr_bps: int

    @property
    def total_minor(self) -> int:
        """The sum of the payments, without fees."""
        return sum(principal + interest for _day, principal, interest in self.payments)

    @property
    def seal(self) -> str:
        """A hash of all that a person agrees to."""
        told = [[day.isoformat(), principal, interest] for day, principal, interest in self.payments]
        return hashlib.sha256(json.dumps([told, self.owed_minor, self.fees_minor, self.apr_bps]).encode()).hexdigest()


def offer_in(changes: Iterable[PlanChange], at: datetime) -> Offer | None:
    """Return the open offer among the versions of a plan's schedule, the newest first; no query."""
    newest = next((one for one in changes if one.kind in _STEPS), None)
    if newest is None or newest.kind != OFFERED or at >= newest.at + timedelta(days=OFFER_DAYS):
        return None
    count, _sign, rate = newest.reference.partition(":")
    return Offer(newest, int(count), int(rate), newest.at + timedelta(days=OFFER_DAYS))


def find_offer(plan: Plan, at: datetime) -> Offer | None:
    """Return a plan's open offer of new payments, or None; one query."""
    return offer_in(PlanChange.objects.filter(plan=plan, kind__in=_STEPS).order_by("-id")[:1], at)


def wanted_of(count: int, rate_bps: int) -> Wanted:
    """Return an offer as input for laying payments out."""
    return Wanted(RESTRUCTURED, count, rate_bps)


def new_payments(plan: Plan, rows: Sequence[Installment], wanted: Wanted, at: datetime) -> NewPayments:
    """Return what an offer makes of a plan now; NoRateError if no APR could be told."""
    today = local_date(at, plan.time_zone)
    payments = tuple(payments_of(layouts_of(plan, rows, wanted, today)))
    fees = sum(row.open_fees_minor for row in rows)
    owed = quote_early(plan, rows, scope="all", day=today).amount_minor - fees
    interest = sum(principal + interest for _day, principal, interest in payments) - owed
    law = cast("Law", plan.product.market.law)
    dated = tuple((day, principal + interest) for day, principal, interest in payments)
    apr = display_apr_bps(law, legal_apr(law, today, owed, dated)) if interest > 0 else 0
    return NewPayments(payments, owed, fees, apr)


def offer_refused(plan: Plan, rows: Sequence[Installment], wanted: Wanted, at: datetime) -> str:
    """Return why these new payments may not be offered, a key of `REFUSED`, or an empty text."""
    if not 1 <= (wanted.count or 0) <= rules_in(plan.product.market_id, local_date(at, plan.time_zone)).most_count:
        return "count"
    return terms_refused(plan, rows, wanted, at)


def terms_refused(plan: Plan, rows: Sequence[Installment], wanted: Wanted, at: datetime) -> str:
    """Return whether the plan's own `rate` or the `law` forbids new payments now, also those offered before; or an empty text."""
    if not 0 <= (wanted.rate_bps or 0) <= plan.terms.rate_bps:
        return "rate"
    caps = caps_of(law_on(plan.product.market, local_date(at, plan.time_zone)))
    try:
        found = new_payments(plan, rows, wanted, at)
    except NoRateError:
        return "law"
    cost = sum(row.paid_interest_minor + row.fees_minor for row in rows) + sum(one[2] for one in found.payments)
    too_dear = caps.cost_bps is not None and cost * 10_000 > plan.captured_minor * caps.cost_bps
    too_dear = too_dear or (caps.rate_bps is not None and (wanted.rate_bps or 0) > caps.rate_bps)
    return "law" if too_dear or (caps.apr_bps is not None and found.apr_bps > caps.apr_bps) else ""


def still_offered(plan: Plan, rows: Sequence[Installment], at: datetime) -> bool:
    """Return whether a plan that may be laid out anew has an open offer that the person can agree to; one query."""
    offer = find_offer(plan, at)
    return offer is not None and not terms_refused(plan, rows, wanted_of(offer.count, offer.rate_bps), at)
