"""Reads about fees: those charged on installments, what is open of them, and what caps leave of a new one."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, Sum

from core.acting import is_operator
from core.adjusting import value_of
from core.db import rows
from core.money import exponent
from markets.models import MarketSetting
from markets.queries import FEE_CAPS, FEE_CAPS_OF, LATE_FEES, REMINDER_FEES, RESCHEDULE_FEE, RETURNED_FEE, find_fee_setting
from plans.models import Fee, Hardship, Installment, Plan
from plans.rules.fees import AT_CLOSE, PENALTIES, Caps, Charged, FeeKind, FeeTerms, History
from plans.settable import WAIVE_ALONE
from plans.standstill import find_standstill
from plans.states import FeeStatus, PlanStatus

Fees = Mapping[uuid.UUID, Sequence[Fee]]
"""Charged fees by the key of their installment."""

ONCE = {"returned": RETURNED_FEE, "reschedule": RESCHEDULE_FEE}
"""The settings of fees that are one amount, by their name in the terms of a plan."""
ASKED = Q(amount_minor__gt=0) | Q(credit_minor__gt=0)
"""Fees of which something is left: to pay, or paid by a credit."""
STAGES = ("first", "second")
"""The stages of late fees in a market's setting."""


def charged_fees(installments: Iterable[Installment]) -> dict[uuid.UUID, list[Fee]]:
    """Return the charged fees of installments, by installment, in the order in which they are paid; no query if there are none."""
    asking = [row for row in installments if row.fees_minor]
    found = fees_on(asking) if asking else {}
    charged = {key: [fee for fee in fees if fee.status == FeeStatus.CHARGED and fee.amount_minor] for key, fees in found.items()}
    return {key: sorted(fees, key=lambda fee: fee.kind not in PENALTIES) for key, fees in charged.items()}


def open_kinds(fees: Iterable[Fee], day: date | None = None) -> tuple[int, int]:
    """Return what is open of (penalties, other fees), in minor units; with a day, only of those that a payment of that day may pay.

    What is charged at the close of its day is paid by payments of later days.
    """
    asked = [fee for fee in fees if day is None or fee.on < day or (fee.on == day and fee.kind not in AT_CLOSE)]
    penalties = sum(fee.open_minor for fee in asked if fee.kind in PENALTIES)
    return penalties, sum(fee.open_minor for fee in asked) - penalties


def terms_of(plan: Plan) -> FeeTerms:
    """Return the fees that the person agreed to with a plan."""
    return FeeTerms.from_json(plan.agreed.get("fees") or {})


def agreed_caps(plan: Plan) -> Caps:
    """Return the caps on fees that the documents of a plan named, by name; empty for a plan from before they were kept."""
    found: Caps = plan.agreed.get("fee_caps") or {}
    return found


def terms_in(market_code: str, on: date) -> FeeTerms:
    """Return the fees that new plans of a market agree on; from the cache."""
    late, reminder = find_fee_setting(market_code, LATE_FEES, on), find_fee_setting(market_code, REMINDER_FEES, on)
    told: dict[str, Any] = {}
    if late:
        told["late"] = [_stage(late.value, name) for name in STAGES if late.value.get(f"{name}_days") is not None]
    if reminder:
        value = reminder.value
        told["reminder"] = {"fixed": value["fee_minor"], "grace_days": value["days"], "days_apart": value["apart"], "max": value["most"]}
    for name, key in ONCE.items():
        if (row := find_fee_setting(market_code, key, on)) is not None:
            told[name] = row.value
    return FeeTerms.from_json(told)


def _stage(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"grace_days": value[f"{name}_days"], "fixed": value.get(f"{name}_minor"), "bps": value.get(f"{name}_bps")}


@dataclass(frozen=True, slots=True)
class CapRows:
    """The settings with the caps on a person's fees: of their market, and of their state, which go before them."""

    market: MarketSetting
    state: MarketSetting | None

    @property
    def caps(self) -> Caps:
        """The caps by name."""
        value: dict[str, int] = self.market.value | (self.state.value if self.state else {})
        return value


def caps_in(market_code: str, state: str, on: date) -> CapRows | None:
    """Return the caps on fees of people in a market and state on a date; None where the market has none, so that no fee is charged.

    Where the state is not known, those of a state with its own count.
    """
    found = find_fee_setting(market_code, FEE_CAPS, on)
    keys = [FEE_CAPS_OF[state]] if state in FEE_CAPS_OF else [] if state else [*FEE_CAPS_OF.values()]
    return CapRows(found, next((row for key in keys if (row := find_fee_setting(market_code, key, on))), None)) if found else None


def fee_caps(market_code: str, state: str, on: date) -> Caps:
    """Return the caps on fees of people in a market and state on a date, by name; empty where the market has none."""
    found = caps_in(market_code, state, on)
    return found.caps if found else {}


def bears_fees(plan: Plan, day: date) -> bool:
    """Return whether a plan was agreed with fees and nothing holds them off on a day; one in hardship bears none either."""
    promised = plan.promised_until is not None and plan.promised_until >= day
    free = (
        promised
        or plan.settling_until is not None
        or plan.stopped_at is not None
        or plan.repay_by is not None
        or plan.status != PlanStatus.ACTIVE
    )
    return not free and bool(plan.agreed.get("fees"))


def grace_of(row: Installment) -> date:
    """Return the day from which an installment's days of grace run."""
    return max(row.due_date, row.grace_from or row.due_date) + timedelta(days=row.paused_days)


def open_service_minor(plan: Plan, rows: Collection[Installment]) -> int:
    """Return what is open of a plan's service fees, which fall away when its person withdraws, in minor units; one query if it has any."""
    if not plan.agreed.get("service_minor"):
        return 0
    found = Fee.objects.filter(installment__in=rows, kind=FeeKind.SERVICE, status=FeeStatus.CHARGED)
    return sum(fee.open_minor for fee in found)


def charged_minor(plan_id: uuid.UUID, number: int) -> int:
    """Return the sum of the charged fees of a plan's installment, in minor units."""
    found = Fee.objects.filter(installment__plan=plan_id, installment__number=number, status=FeeStatus.CHARGED)
    return found.aggregate(whole=Sum("amount_minor"))["whole"] or 0


def may_waive_alone(plan: Plan, amount_minor: int, actor: str) -> bool:
    """Return whether an actor may waive so much more of a plan's fees without a second person.

    The limit is for operators, whose actor is their key; all that they waived of the plan counts.
    """
    if not is_operator(actor):
        return True
    limit = WAIVE_ALONE.get(plan.currency)
    most = value_of(limit) * 10 ** exponent(plan.currency) if limit else 0
    before = Fee.objects.filter(installment__plan=plan, status=FeeStatus.FORGIVEN, ended_by=actor).aggregate(whole=Sum("amount_minor"))
    return (before["whole"] or 0) + amount_minor <= most


def fees_on(rows: Sequence[Installment]) -> dict[uuid.UUID, list[Fee]]:
    """Return all decided fees of installments, also those that ended or came to nothing, by installment, oldest first; one query."""
    found: dict[uuid.UUID, list[Fee]] = {}
    for fee in Fee.objects.filter(installment__in=[row.id for row in rows]).order_by("on", "id"):
        found.setdefault(fee.installment_id, []).append(fee)
    return found


@dataclass(frozen=True, slots=True)
class ComingFee:
    """The next fee of a late installment: it comes unless the installment is paid until the end of `until`; at most so much."""

    kind: FeeKind
    until: date
    most_minor: int


def coming_fees(plan: Plan, rows: Sequence[Installment], fees: Mapping[uuid.UUID, Sequence[Fee]], day: date) -> dict[int, ComingFee]:
    """Return the next fee of each late installment of a plan, by number, as of a day. `fees` are those of `fees_on`; one query."""
    late = [row for row in rows if row.is_late(day) and row.open_minor > 0]
    if not late or not bears_fees(plan, day) or Hardship.objects.filter(plan=plan).exists() or find_standstill(plan.consumer_id):
        return {}
    terms = terms_of(plan)
    found = {row.number: one for row in late if (one := _coming_late(terms, row, fees.get(row.id, ()), day))}
    oldest = min(late, key=lambda row: (row.due_date, row.number))
    reminding = _coming_reminder(terms, oldest, [fee for told in fees.values() for fee in told], plan.late_since or day)
    if reminding and reminding.until >= day and (oldest.number not in found or reminding.until < found[oldest.number].until):
        found[oldest.number] = reminding
    return found


def _coming_late(terms: FeeTerms, row: Installment, fees: Sequence[Fee], day: date) -> ComingFee | None:
    decided = {fee.stage for fee in fees if fee.kind == FeeKind.LATE}
    asked = row.open_minor - row.open_fees_minor
    coming = [
        ComingFee(FeeKind.LATE, until, stage.wanted(asked))
        for number, stage in enumerate(terms.late)
        if number not in decided and asked > 0 and (until := grace_of(row) + timedelta(days=stage.grace_days)) >= day
    ]
    return min(coming, key=lambda one: one.until, default=None)


def _coming_reminder(terms: FeeTerms, oldest: Installment, fees: Sequence[Fee], since: date) -> ComingFee | None:
    told = terms.reminder
    reminded = sorted(fee.on for fee in fees if fee.kind == FeeKind.REMINDER and fee.on >= since)
    until = told.next_on(grace_of(oldest), reminded) if told else None
    if told is None or until is None:
        return None
    return ComingFee(FeeKind.REMINDER, until, told.fixed_minor)


_HISTORY = f"""
    SELECT coalesce(c.person_id, c.id), p.currency, p.id::text, i.id::text, f.kind, f.on, f.amount_minor + f.credit_minor,
        f.status = '{FeeStatus.CHARGED}'
    FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id JOIN plans_plan p ON p.id = i.plan_id
        JOIN accounts_consumer c ON c.id = p.consumer_id
    WHERE p.consumer_id IN (SELECT id FROM accounts_consumer WHERE id = ANY(%(holders)s) OR person_id = ANY(%(holders)s))
        AND (f.status = '{FeeStatus.CHARGED}' OR f.kind = '{FeeKind.REMINDER}') AND f.amount_minor + f.credit_minor > 0
    ORDER BY f.on, f.id"""  # noqa: S608  (words of our own)
_FIRST_CAPTURES = """
    SELECT coalesce(c.person_id, c.id), p.currency, min(i.start_date)
    FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id JOIN accounts_consumer c ON c.id = p.consumer_id
    WHERE p.consumer_id IN (SELECT id FROM accounts_consumer WHERE id = ANY(%(holders)s) OR person_id = ANY(%(holders)s))
    GROUP BY 1, 2"""


def histories_of(holders: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, str], History]:
    """Return what counts in the caps of people, by holder and currency: all fees of all their accounts; two queries."""
    keys = {"holders": list(holders)}
    fees: dict[tuple[uuid.UUID, str], list[Charged]] = {}
    reminders: dict[tuple[uuid.UUID, str], list[Charged]] = {}
    for holder, currency, plan, installment, kind, on, amount, stands in rows(_HISTORY, keys):
        fee = Charged(plan, installment, FeeKind(kind), on, amount)
        if stands:
            fees.setdefault((holder, currency), []).append(fee)
        if fee.kind == FeeKind.REMINDER:
            reminders.setdefault((holder, currency), []).append(fee)
    return {
        (holder, currency): History(tuple(fees.get((holder, currency), ())), first, tuple(reminders.get((holder, currency), ())))
        for holder, currency, first in rows(_FIRST_CAPTURES, keys)
    }
