"""Reads about rewards for early payments: what one would earn, and what was earned."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Q, Sum

from accounts.models import Consumer
from controls.models import RuleCase
from core.ids import parse_id
from markets.models import MarketSetting
from markets.queries import find_early_reward
from payments.models import Charge
from payments.models.methods import MethodKind
from plans.models import FeeCredit, Installment, Plan, Reward
from plans.reward_rules import Early, rule_on_early
from plans.rules.moving import year_before
from plans.rules.rewards import left_of_caps
from plans.states import PlanStatus

_MONEY = Sum(F("amount_minor") - F("returned_minor") - F("owed_minor"))
_CREDIT = Sum(F("credit__amount_minor") - F("credit__returned_minor") - F("credit__reversed_minor"))
CREDIT_DAYS = "credit_days"
"""The part of the market's setting that says for how many days a credit against fees counts."""
USUAL_DAYS = 365
"""For how many days it does where the setting does not say it."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment of an installment: the principal that it pays, its day, its kind of method, and whether nothing is open then.

    `before_minor` of the principal was paid before, by other charges.
    """

    row: Installment
    paid_minor: int
    before_minor: int
    day: date
    method: str
    whole_plan: bool

    @property
    def days_early(self) -> int:
        """How many days before the due date it is made."""
        return max(0, (self.row.due_date - self.day).days)

    @property
    def price_minor(self) -> int:
        """The principal of the whole installment."""
        return max(self.row.principal_minor, self.before_minor + self.paid_minor)

    @property
    def may_earn(self) -> bool:
        """Whether it is of the kind that may earn something: before its date, or from a bank account."""
        return self.paid_minor > 0 and (self.days_early > 0 or self.method == MethodKind.BANK_DEBIT)


def may_be_rewarded(plan: Plan) -> bool:
    """Return whether payments of a plan may earn something: nothing is stopped, withdrawn from, given up or sold."""
    standing = plan.stopped_at is None and plan.repay_by is None and plan.sold_at is None
    return standing and plan.status in {PlanStatus.ACTIVE, PlanStatus.COMPLETED}


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a payment earns: money back as its reward says, or a credit against fees; not saved."""

    reward: Reward
    credit: FeeCredit | None
    case: RuleCase


def weigh_rewards(
    plan: Plan, consumer: Consumer, payments: Iterable[Paid], setting: MarketSetting, charge_id: uuid.UUID, at: datetime
) -> list[Weighed]:
    """Return what payments of a plan would earn, not saved, with the cases of their rules; two queries.

    Rewards and credits count in the caps of those after them.
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
        early = Early(plan, consumer, one.method, one.days_early, one.whole_plan, one.paid_minor, most, one.before_minor, one.price_minor)
        ruled, case = rule_on_early(early, reward)
        reward.amount_minor, reward.ruled = 0 if ruled.is_credit else ruled.earned_minor, ruled.kept
        credit = _credit(reward, consumer, ruled.earned_minor) if ruled.is_credit and ruled.earned_minor else None
        earned += ruled.earned_minor
        found.append(Weighed(reward, credit, case))
    return found


def _credit(reward: Reward, consumer: Consumer, minor: int) -> FeeCredit:
    days = reward.setting.value.get(CREDIT_DAYS) or USUAL_DAYS
    until = reward.on + timedelta(days=days)
    currency = reward.installment.plan.currency
    return FeeCredit(reward=reward, consumer=consumer, currency=currency, amount_minor=minor, until=until, at=reward.at)


def _sum(which: Q) -> int:
    found = Reward.objects.filter(which).aggregate(money=_MONEY, credit=_CREDIT)
    return (found["money"] or 0) + (found["credit"] or 0)


@dataclass(frozen=True, slots=True)
class Coming:
    """What a payment would earn, in minor units: money back, and a credit against fees."""

    money_minor: int = 0
    credit_minor: int = 0


def coming_rewards(plan: Plan, rows: Sequence[Installment], numbers: Collection[int], *, method: str, day: date, at: datetime) -> Coming:
    """Return what paying open installments in full on a day with a kind of method would earn, as things are now.

    No query where the market gives nothing back.
    """
    setting = find_early_reward(plan.product.market_id, day)
    if setting is None or not may_be_rewarded(plan):
        return Coming()
    opened = {row.number for row in rows if row.status in Installment.OPEN}
    whole = opened <= set(numbers)
    paying = [
        Paid(row, row.principal_minor - row.paid_principal_minor, row.paid_principal_minor, day, method, whole)
        for row in rows
        if row.number in opened & set(numbers)
    ]
    asked = [one for one in paying if one.may_earn]
    if not asked:
        return Coming()
    found = weigh_rewards(plan, plan.consumer, asked, setting, uuid.UUID(int=0), at)
    return Coming(sum(one.reward.amount_minor for one in found), sum(one.credit.amount_minor for one in found if one.credit))


def earned_by(charge: str) -> int:
    """Return the money that a charge (its public id) earned, in minor units, as far as the person still has it."""
    found = Reward.objects.filter(charge_id=parse_id(Charge.PREFIX, charge))
    return found.aggregate(whole=_MONEY)["whole"] or 0


def rewards_on(rows: Iterable[Installment]) -> dict[uuid.UUID, list[Reward]]:
    """Return what the payments of installments earned, by the installment's key, the first before; with their credits (`credit_of`).

    One query; without those that earned nothing.
    """
    asked = [row.id for row in rows]
    earned = Q(amount_minor__gt=0) | Q(credit__isnull=False)
    found = Reward.objects.filter(earned, installment__in=asked).select_related("credit").order_by("id") if asked else ()
    by_row: dict[uuid.UUID, list[Reward]] = {}
    for one in found:
        by_row.setdefault(one.installment_id, []).append(one)
    return by_row


def credit_of(reward: Reward) -> FeeCredit | None:
    """Return the credit against fees that a reward is, as read with it; None for money back."""
    return getattr(reward, "credit", None)
