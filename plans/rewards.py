"""Reads about rewards for early payments: what one would earn, and what was earned."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, Sum

from accounts.models import Consumer
from controls.models import RuleCase
from core.ids import parse_id
from markets.models import MarketSetting
from markets.queries import find_early_reward
from payments.models import Charge
from payments.models.methods import MethodKind
from plans.models import Installment, Plan, Reward
from plans.reward_rules import Early, rule_on_early
from plans.rules.moving import year_before
from plans.rules.rewards import left_of_caps
from plans.states import PlanStatus

_STANDING = Sum(F("amount_minor") - F("returned_minor") - F("owed_minor"))


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment of an installment: the principal that it pays, its day, its kind of method, and whether nothing is open then."""

    row: Installment
    paid_minor: int
    day: date
    method: str
    whole_plan: bool

    @property
    def days_early(self) -> int:
        """How many days before the due date it is made."""
        return max(0, (self.row.due_date - self.day).days)

    @property
    def may_earn(self) -> bool:
        """Whether it is of the kind that may earn something: before its date, or from a bank account."""
        return self.paid_minor > 0 and (self.days_early > 0 or self.method == MethodKind.BANK_DEBIT)


def may_be_rewarded(plan: Plan) -> bool:
    """Return whether payments of a plan may earn something: nothing is stopped, withdrawn from, given up or sold."""
    standing = plan.stopped_at is None and plan.repay_by is None and plan.sold_at is None
    return standing and plan.status in {PlanStatus.ACTIVE, PlanStatus.COMPLETED}


def weigh_rewards(
    plan: Plan, consumer: Consumer, payments: Iterable[Paid], setting: MarketSetting, charge_id: uuid.UUID, at: datetime
) -> list[tuple[Reward, RuleCase]]:
    """Return what payments of a plan would earn, not saved, with the cases of their rules; two queries.

    Rewards count in the caps of those after them.
    """
    of_plan = _sum(Q(installment__plan=plan))
    accounts = Q(installment__plan__consumer=consumer.holder_id) | Q(installment__plan__consumer__person=consumer.holder_id)
    found = []
    earned = 0
    of_year = None
    for one in payments:
        if of_year is None:
            of_year = _sum(accounts & Q(installment__plan__currency=plan.currency, on__gt=year_before(one.day)))
        most = left_of_caps(one.paid_minor, setting.value, of_plan_minor=of_plan + earned, of_year_minor=of_year + earned)
        reward = Reward(
            installment=one.row,
            charge_id=charge_id,
            days_early=one.days_early,
            paid_minor=one.paid_minor,
            setting=setting,
            on=one.day,
            at=at,
        )
        early = Early(plan, consumer, one.method, one.days_early, one.whole_plan, one.paid_minor, most)
        reward.amount_minor, reward.ruled, case = rule_on_early(early, reward)
        earned += reward.amount_minor
        found.append((reward, case))
    return found


def _sum(which: Q) -> int:
    return Reward.objects.filter(which).aggregate(whole=_STANDING)["whole"] or 0


def coming_rewards(plan: Plan, rows: Sequence[Installment], numbers: Collection[int], *, method: str, day: date, at: datetime) -> int:
    """Return what paying open installments in full on a day with a kind of method would earn, in minor units, as things are now.

    No query where the market gives nothing back.
    """
    setting = find_early_reward(plan.product.market_id, day)
    if setting is None or not may_be_rewarded(plan):
        return 0
    opened = {row.number for row in rows if row.status in Installment.OPEN}
    whole = opened <= set(numbers)
    paying = [
        Paid(row, row.principal_minor - row.paid_principal_minor, day, method, whole) for row in rows if row.number in opened & set(numbers)
    ]
    asked = [one for one in paying if one.may_earn]
    if not asked:
        return 0
    had = set(Reward.objects.filter(installment__in=[one.row.id for one in asked]).values_list("installment_id", flat=True))
    fresh = [one for one in asked if one.row.id not in had]
    found = weigh_rewards(plan, plan.consumer, fresh, setting, uuid.UUID(int=0), at)
    return sum(reward.amount_minor for reward, _case in found)


def earned_by(charge: str) -> int:
    """Return what a charge (its public id) earned, in minor units, as far as the person still has it."""
    return _sum(Q(charge_id=parse_id(Charge.PREFIX, charge)))


def rewards_on(rows: Iterable[Installment]) -> dict[uuid.UUID, Reward]:
    """Return what installments earned, by their key, without those that earned nothing; one query."""
    asked = [row.id for row in rows]
    found = Reward.objects.filter(installment__in=asked, amount_minor__gt=0) if asked else ()
    return {one.installment_id: one for one in found}
