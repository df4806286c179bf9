"""Whether operators may lay out the payments of a plan anew, how they would be, and how much one of them may do alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from core.acting import is_operator
from core.adjusting import value_of
from core.clock import day_begins, local_date
from core.money import exponent
from core.months import add_months
from core.sentences import marked
from markets.queries import find_setting
from plans.models import Installment, Plan, PlanChange
from plans.queries import parts_of, state_of
from plans.rules.rearranging import RE_AGED, REAMORTIZED, RESTRUCTURED, Layout, RearrangeRules, re_age, rearrange_refused, spread
from plans.settable import REARRANGE_ALONE
from plans.standstill import in_respite
from plans.states import InstallmentStatus, PlanStatus

SETTING = "payment.rearrange"
"""The market's setting with the bounds of laying out payments anew; without it those of `RearrangeRules` count."""
KINDS = (RE_AGED, REAMORTIZED, RESTRUCTURED)
REFUSED = {
    "closed": marked("The payments of this plan cannot be laid out anew."),
    "under_way": marked("A payment is on its way. Nothing can be laid out anew until it has arrived."),
    "respite": marked("The person has a breathing space. Nothing can be laid out anew before it is over."),
    "young": marked("This plan is too young to be laid out anew."),
    "unpaid": marked("Too little of this plan was paid yet for that."),
    "used": marked("The payments of this plan were laid out anew as often as they may be."),
    "not_late": marked("Nothing of this plan is late."),
    "same": marked("Nothing would change."),
}
"""Why the payments of a plan cannot be laid out anew."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a plan: the kind, and for a restructured one how many payments to come, and the yearly rate in basis points."""

    kind: str
    count: int | None = None
    rate_bps: int | None = None


def rules_in(market_code: str, on: date) -> RearrangeRules:
    """Return a market's bounds of laying out payments anew, as of a day."""
    setting = find_setting(market_code, SETTING, on)
    return RearrangeRules(**setting.value) if setting else RearrangeRules()


def why_not(plan: Plan, rows: Sequence[Installment], kind: str, at: datetime) -> str:
    """Return why the payments of a plan cannot be laid out anew now, a key of `REFUSED`, or an empty text; at most three queries."""
    today = local_date(at, plan.time_zone)
    opened = [row for row in rows if row.status in Installment.OPEN]
    with_principal = [row for row in opened if row.principal_minor > row.paid_principal_minor]
    if plan.status != PlanStatus.ACTIVE or plan.stopped_at is not None or plan.repay_by is not None or not with_principal:
        return "closed"
    if any(row.charge_id for row in opened):
        return "under_way"
    if in_respite([plan.consumer_id]):
        return "respite"
    if kind == RE_AGED and not any(row.due_date < today for row in with_principal):
        return "not_late"
    had = list(PlanChange.objects.filter(plan=plan, kind__in=KINDS).values_list("at", flat=True))
    year, five = (day_begins(add_months(today, -months), plan.time_zone) for months in (12, 60))
    return rearrange_refused(
        rules_in(plan.product.market_id, today),
        days=(today - min(row.start_date for row in rows)).days,
        paid=sum(row.status == InstallmentStatus.PAID for row in rows),
        had_year=sum(one > year for one in had),
        had_five=sum(one > five for one in had),
    )


def layouts_of(plan: Plan, rows: Sequence[Installment], wanted: Wanted, today: date) -> dict[int, Layout]:
    """Return how each part of a plan with open principal would be laid out anew, by part; no query."""
    terms = plan.terms
    new_terms = terms if wanted.rate_bps is None else replace(terms, rate_bps=wanted.rate_bps)
    found = {}
    for part, members in parts_of(rows).items():
        states, start = [state_of(row) for row in members], members[0].start_date
        if not sum(one.open_principal_minor for one in states):
            continue
        if wanted.kind == RE_AGED:
            found[part] = re_age(states, today=today, terms=terms, start=start)
        else:
            found[part] = spread(states, count=wanted.count, today=today, terms=terms, new_terms=new_terms, start=start)
    return found


def payments_of(layouts: Mapping[int, Layout]) -> list[tuple[date, int, int]]:
    """Return the payments of all parts laid out anew, by date: (due date, principal, interest) in minor units."""
    return sorted((one.due_date, one.principal_minor, one.interest_minor) for layout in layouts.values() for one in layout.payments)


def changes_nothing(rows: Sequence[Installment], layouts: Mapping[int, Layout]) -> bool:
    """Return whether the open payments would be as they are."""
    now = [
        (row.due_date, row.principal_minor - row.paid_principal_minor, row.interest_minor - row.paid_interest_minor)
        for row in rows
        if row.part in layouts and row.status in Installment.OPEN
    ]
    return sorted(now) == payments_of(layouts)


def open_principal(rows: Sequence[Installment]) -> int:
    """Return the open principal of a plan, in minor units: what laying out anew is about."""
    return sum(row.principal_minor - row.paid_principal_minor for row in rows if row.status in Installment.OPEN)


def may_rearrange_alone(plan: Plan, amount_minor: int, actor: str) -> bool:
    """Return whether an actor may lay out so much open principal anew without a second person; the limit is for operators."""
    if not is_operator(actor):
        return True
    limit = REARRANGE_ALONE.get(plan.currency)
    return amount_minor <= (value_of(limit) * 10 ** exponent(plan.currency) if limit else 0)
