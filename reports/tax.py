"""Debts that were canceled in a year, for a market's tax authority: which causes count, under which codes, is a setting of the market.

In the United States that is Form 1099-C, for debts of 600 dollars and more. A charge-off alone cancels nothing, as the person still owes
it; the setting `tax.canceled_debt` names the causes by which collecting ends for good, each with the code of its event (box 6).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from core.clock import day_begins, local_date
from core.ids import parse_id
from ledger.queries import stream_balances_at
from markets.queries import find_setting, get_market
from plans.models import ChargeOff, Forgiven, Plan, SoldPlan
from plans.states import ChargeOffStatus

KEY = "tax.canceled_debt"
FORM, LEAST, SETTLED = "form", "least_minor", "settlement"


@dataclass(frozen=True, slots=True)
class Canceled:
    """A debt that was canceled: its plan with the person, the day, the amount in minor units, and the event's code."""

    plan: Plan
    on: date
    amount_minor: int
    code: str


def form_of(market: str, year: int) -> str:
    """Return the name of the form that a market asks for about a year; empty if it asks for none."""
    setting = find_setting(market, KEY, date(year, 12, 31))
    return str(setting.value[FORM]) if setting else ""


def list_canceled(market: str, year: int) -> list[Canceled]:
    """Return the debts of a market that were canceled in a year, by the setting in force on its last day, oldest first.

    The amount is the principal that was given up less what came for it until the year's end; interest was never earned and is left out.
    What fell away by a settlement counts by itself, unless its charge-off counted before. Sold debts are not canceled, and those below the
    setting's amount are left out. Each debt counts by itself. Nothing without a setting.
    """
    setting = find_setting(market, KEY, date(year, 12, 31))
    if setting is None:
        return []
    zone = get_market(market).time_zone
    since, until = day_begins(date(year, 1, 1), zone), day_begins(date(year + 1, 1, 1), zone)
    codes = {cause: setting.value[cause] for cause, _ in ChargeOff.REASONS if setting.value.get(cause)}
    found = _given_up(market, list(codes), since, until)
    left = _left({row.pk for row in found}, until) if found else {}
    canceled = [
        Canceled(row.plan, local_date(row.closed_at, zone), left.get(row.pk, 0), codes[row.reason]) for row in found if row.closed_at
    ]
    if code := setting.value.get(SETTLED):
        told = ChargeOff.objects.filter(status=ChargeOffStatus.CONFIRMED, reason__in=codes, closed_at__lt=since).values("plan")
        settled = Forgiven.objects.filter(plan__product__market_id=market, at__gte=since, at__lt=until).exclude(plan__in=told)
        # What was never owed is no canceled debt.
        settled = settled.exclude(reference__startswith=f"{SoldPlan.PREFIX}_")
        standing = settled.filter(Q(undone_at=None) | Q(undone_at__gte=until)).select_related("plan__consumer").order_by("at", "id")
        canceled += [Canceled(one.plan, local_date(one.at, zone), one.lost_minor, code) for one in standing]
    return [one for one in canceled if one.amount_minor >= setting.value[LEAST]]


def _given_up(market: str, causes: Sequence[str], since: datetime, until: datetime) -> list[ChargeOff]:
    found = ChargeOff.objects.filter(
        status=ChargeOffStatus.CONFIRMED, reason__in=causes, closed_at__gte=since, closed_at__lt=until, plan__product__market_id=market
    )
    return list(found.exclude(plan__sold_at__lt=until).select_related("plan__consumer").order_by("closed_at", "id"))


def _left(keys: set[uuid.UUID], until: datetime) -> dict[uuid.UUID, int]:
    """Return the loss that is left of charge-offs at a moment, in minor units."""
    losses = (
        (parse_id(ChargeOff.PREFIX, owner), minor) for owner, minor in stream_balances_at(["bad_debt"], until) if owner.startswith("cof_")
    )
    return {key: minor for key, minor in losses if key in keys}
