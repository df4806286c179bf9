"""What a person in hardship can choose by themselves for a plan, and what it would make of the payments."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from core.arrays import plain_array
from core.clock import local_date
from core.db import rows
from core.errors import Conflict, Invalid
from core.sentences import Sentence
from core.unreadable import Unreadable
from markets.queries import find_setting
from plans.documents.reading import Paper, papers_of
from plans.documents.settlement import SETTLEMENT
from plans.errors import REFUSED_RELIEF
from plans.models import Forgiven, Hardship, Installment, Plan, ReliefOffer, ReliefPaper
from plans.queries import by_date, installments_of, parts_of, state_of
from plans.rules.budgets import number_refused
from plans.rules.hardship import PAUSE, SMALLER, HardshipRules, Smaller, count_of, offers_of, paused, smaller
from plans.states import PlanStatus

SETTING = "payment.hardship"
"""The market's setting with what people may choose by themselves; without it those of `HardshipRules` count."""
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person in hardship said: `reason` and `lasts` as in `Hardship`, and whether they can pay something meanwhile."""

    reason: str
    lasts: str
    can_pay: bool


@dataclass(frozen=True, slots=True)
class Relief:
    """An offer: its kind, and the payments that it makes of the open ones, by date: (due date, amount in minor units).

    `fees_minor` are fees charged before that are in none of these payments, and stay owed.
    """

    kind: str
    payments: tuple[tuple[date, int], ...]
    rebate_minor: int = 0
    fees_minor: int = 0


def rules_in(market_code: str, on: date) -> HardshipRules:
    """Return what people of a market may choose by themselves, as of a day."""
    setting = find_setting(market_code, SETTING, on)
    return HardshipRules(**setting.value) if setting else HardshipRules()


def open_of(rows: Sequence[Installment]) -> list[Installment]:
    """Return the open installments, which relief changes; those that wait as too small for a charge too."""
    return [row for row in rows if row.status in Installment.OPEN]


def free_of(rows: Sequence[Installment]) -> list[Installment]:
    """Return the open installments that can wait: those of which no payment is being made now."""
    return [row for row in open_of(rows) if row.charge_id is None]


def why_closed(plan: Plan, rows: Sequence[Installment], at: datetime) -> str:
    """Return why a person cannot choose relief for a plan now (`closed`, `under_way`, `used`), or an empty text; at most one query.

    Where only fees or interest are left there is nothing to pay in smaller parts: a person at the lender helps.
    """
    opened = open_of(rows)
    lent = any(row.principal_minor > row.paid_principal_minor for row in opened)
    if plan.status != PlanStatus.ACTIVE or plan.stopped_at is not None or plan.repay_by is not None or not lent:
        return "closed"
    if any(row.charge_id for row in opened):
        return "under_way"
    had = Hardship.objects.filter(plan=plan, at__gt=at - YEAR).count()
    return "used" if had >= rules_in(plan.product.market_id, local_date(at, plan.time_zone)).a_year else ""


def reliefs_of(plan: Plan, rows: Sequence[Installment], answers: Answers, at: datetime) -> list[Relief]:
    """Return what is offered for a plan to a person with such answers, the best first; empty if a person has to help. No query."""
    today = local_date(at, plan.time_zone)
    rules, opened = rules_in(plan.product.market_id, today), open_of(rows)
    kinds = offers_of(answers.lasts, can_pay=answers.can_pay, open_count=len(opened), rules=rules)
    return [relief_of(kind, plan, rows, rules.pause_days, count_of(len(opened), rules), today) for kind in kinds]


def relief_of(kind: str, plan: Plan, rows: Sequence[Installment], days: int, count: int, today: date) -> Relief:
    """Return what a pause of so many days, or so many smaller payments, would make of a plan's payments today. No query."""
    if kind == PAUSE:
        opened = open_of(rows)
        moved = paused({row.number: row.due_date for row in opened}, days, today)
        return Relief(PAUSE, tuple((moved[row.number], row.open_minor) for row in by_date(opened)))
    found = smaller_of(plan, rows, count, today)
    payments = sorted((day, principal + interest) for part in found.values() for day, principal, interest in part.payments)
    fees = sum(row.open_fees_minor for row in open_of(rows))
    return Relief(SMALLER, tuple(payments), sum(part.rebate_minor for part in found.values()), fees)


def spans_of_relief(consumer_ids: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, datetime, datetime | None]]:
    """Return for some people from when until when each relief ran or runs, as `relieved` counts it; one query."""
    found = Hardship.objects.filter(plan__consumer__in=consumer_ids).filter(Q(kind=PAUSE) | Q(plan__status=PlanStatus.ACTIVE))
    told = found.order_by("id").values_list("plan__consumer_id", "at", "kind", "days")
    return [(who, at, at + timedelta(days=days) if kind == PAUSE else None) for who, at, kind, days in told]


_RELIEVED = f"""
    SELECT DISTINCT p.consumer_id FROM plans_hardship h JOIN plans_plan p ON p.id = h.plan_id
    WHERE p.consumer_id = ANY(%(people)s::uuid[]) AND p.status = '{PlanStatus.ACTIVE}'
        AND (h.kind = '{SMALLER}' OR h.at + h.days * interval '1 day' > %(at)s)"""  # noqa: S608  (words of our own)


def relieved(consumer_ids: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Return which of some people have relief that runs: a pause that is not over, or smaller payments not all paid. One query."""
    return {key for (key,) in rows(_RELIEVED, {"people": plain_array(consumer_ids), "at": at})}


def refuse_offer(plan: Plan, kind: str, number: int, at: datetime) -> None:
    """Refuse an offer that nobody may make for a plan now, as `plans.services.offer_relief` says; one query, and one for the rules."""
    rows = installments_of(plan)
    closed = why_closed(plan, rows, at)
    if closed and closed != "used":
        raise Conflict(REFUSED_RELIEF[closed], code=f"plans.hardship_{closed}")
    if kind not in {PAUSE, SMALLER}:
        raise Invalid("Choose a kind of relief.", fields={"kind": Sentence("choose one")})
    rules, opened = rules_in(plan.product.market_id, local_date(at, plan.time_zone)), len(open_of(rows))
    refused = number_refused(kind, number, opened, rules)
    if refused == "most":
        most = rules.two_days if kind == PAUSE else rules.two_count
        raise Invalid("This is more than the rules allow.", fields={"number": Sentence("must be a number from 1 to %(most)s", most=most)})
    if refused:
        raise Invalid("These would not be smaller.", fields={"number": Sentence("must be at least %(least)s", least=opened)})


def find_offer(plan: Plan, today: date) -> ReliefOffer | None:
    """Return the offer of relief that waits for the person, or None."""
    return ReliefOffer.objects.filter(plan=plan, closed_at=None, until__gte=today).first()


def papers_of_plan(plan: Plan) -> dict[str, Paper]:
    """Return the documents of a plan, by kind, with the newest of new payments, and the letter of a settlement; two queries.

    None if the person is erased.
    """
    if isinstance(plan.agreement, Unreadable):
        return {}
    newer = [Paper(**one.paper) for one in ReliefPaper.objects.filter(plan=plan).order_by("id")]
    settled = Forgiven.objects.filter(plan=plan, undone_at=None).first()
    found = papers_of(plan.agreement) | {paper.kind: paper for paper in newer}
    return found | ({SETTLEMENT: Paper(**settled.paper)} if settled else {})


def smaller_of(plan: Plan, rows: Sequence[Installment], count: int, today: date) -> dict[int, Smaller]:
    """Return the smaller payments of each part of a plan with open principal, by part; each part gets so many."""
    found = {}
    for part, members in parts_of(rows).items():
        states = [state_of(row) for row in members]
        if sum(one.open_principal_minor for one in states):
            found[part] = smaller(states, count=count, today=today, terms=plan.terms, start=members[0].start_date)
    return found
