"""Rewards for early payments: given once; kept where the shop refunds the payment, owed where a bank takes it back."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from controls.models import RuleCase
from core.clock import local_date
from core.db import unit, wait_lock
from core.outbox import append
from credit import services as credit
from ledger import rewards as ledger
from ledger.rewards import RewardPosting
from markets.queries import find_early_reward
from payments import services as payments
from payments.models import Charge
from plans.events import RewardEarned
from plans.models import Allocation, FeeCredit, Installment, Plan, Reward
from plans.queries import installments_of, lock_plan
from plans.rewards import Paid, may_be_rewarded, weigh_rewards
from plans.rules.rewards import share_taken
from plans.services.going_back import refund_request
from plans.states import InstallmentStatus, PlanStatus


def reward_payment(*, plan_id: uuid.UUID, charge_id: uuid.UUID, at: datetime) -> int:
    """Give back what a charge earned for installments that it paid, all or a part, by the rules in force; return it in minor units.

    What they give as a credit against fees waits for the next fee.

    Each charge is asked once for an installment. Locks the plan, then the person's rewards, so that two payments never
    share the room that caps leave.
    """
    with unit():
        plan = Plan.objects.select_related("product", "consumer").get(pk=plan_id)
        charge = Charge.objects.select_related("payment_method").get(pk=charge_id)
        setting = find_early_reward(plan.product.market_id, local_date(charge.created_at, plan.time_zone))
        if setting is None:
            return 0
        locked = lock_plan(plan_id)
        paid = _paid_of(locked, charge) if may_be_rewarded(locked) else []
        if not paid:
            return 0
        wait_lock(f"rewards:{plan.consumer.holder_id}")
        found = weigh_rewards(locked, plan.consumer, paid, setting, charge.id, at)
        rewards = [one.reward for one in found]
        given = [one.credit for one in found if one.credit]
        Reward.objects.bulk_create(rewards)
        FeeCredit.objects.bulk_create(given)
        RuleCase.objects.bulk_create(one.case for one in found)
        earned = sum(one.amount_minor for one in rewards)
        if earned:
            ledger.rewards_given([_posting(locked, one.public_id, one.amount_minor, at) for one in rewards if one.amount_minor])
            payments.open_refunds(requests=[refund_request(locked, charge, earned)], at=at)
        if earned or given:
            append(_told(locked, charge, rewards, given), at=at)
    return earned


def _paid_of(plan: Plan, charge: Charge) -> list[Paid]:
    """Return what a charge paid of installments of a locked plan, for which it was not asked before, by date."""
    rows = {row.id: row for row in installments_of(plan) if row.status != InstallmentStatus.CANCELED}
    had = set(Reward.objects.filter(charge_id=charge.id, installment__in=list(rows)).values_list("installment_id", flat=True))
    day, paid, before = local_date(charge.created_at, plan.time_zone), [], dict.fromkeys(rows, 0)
    allocations = list(Allocation.objects.filter(installment__in=list(rows)).order_by("id"))
    whole = plan.status == PlanStatus.COMPLETED and bool(allocations) and allocations[-1].charge_id == charge.id
    for one in allocations:
        key, minor = one.installment_id, one.standing_principal_minor
        if one.charge_id == charge.id and key not in had:
            paid.append(Paid(rows[key], minor, before[key], day, charge.payment_method.kind, whole))
        before[key] += minor
    return sorted((one for one in paid if one.may_earn), key=lambda one: (one.row.due_date, one.row.number))


def _posting(plan: Plan, source: str, minor: int, at: datetime) -> RewardPosting:
    return RewardPosting(source, plan.public_id, plan.currency, minor, at)


def _told(plan: Plan, charge: Charge, rewards: Sequence[Reward], given: Sequence[FeeCredit]) -> RewardEarned:
    return RewardEarned(
        plan=plan.public_id,
        reference=plan.reference,
        charge=charge.public_id,
        installments=sorted(
            one.installment.number for one in [*(one for one in rewards if one.amount_minor), *(one.reward for one in given)]
        ),
        amount_minor=sum(one.amount_minor for one in rewards),
        currency=plan.currency,
        credit_minor=sum(one.amount_minor for one in given),
        until=max((one.until.isoformat() for one in given), default=""),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of rewards when amounts of payments go back: in minor units by allocation, and by reward."""

    of: dict[int, int] = field(default_factory=dict)
    rewards: dict[uuid.UUID, int] = field(default_factory=dict)

    @property
    def amount_minor(self) -> int:
        """All that is kept."""
        return sum(self.of.values())

    def add(self, allocation: Allocation, reward: Reward, minor: int) -> None:
        """Keep an amount of a reward out of what goes back of an allocation."""
        if minor > 0:
            self.of[allocation.id] = self.of.get(allocation.id, 0) + minor
            self.rewards[reward.pk] = self.rewards.get(reward.pk, 0) + minor


def kept_of(plan: Plan, taken: Iterable[tuple[Allocation, int]]) -> Kept:
    """Return what of a plan's rewards is kept when amounts of their payments go back to the methods; up to two queries, writes nothing.

    That is the share of the installment that earned it, never more than goes back. A free payment may pay another installment by now,
    with which its charge would give more back than it was made for: then that is kept too. The allocations are as before the amounts went
    back.
    """
    parts, kept = list(taken), Kept()
    rewards = _rewards_of(plan, parts)
    by_row = {(one.installment_id, one.charge_id): one for one in rewards}
    for allocation, minor in parts:
        reward = by_row.get((allocation.installment_id, allocation.charge_id))
        if reward is not None:
            kept.add(allocation, reward, min(minor, share_taken(reward.standing_minor, allocation.standing_principal_minor, minor)))
    for charge in Charge.objects.filter(id__in={one.charge_id for one in rewards}) if rewards else ():
        mine = [(one, minor) for one, minor in parts if one.charge_id == charge.id]
        _keep_room(charge, mine, [one for one in rewards if one.charge_id == charge.id], kept)
    return kept


def _keep_room(charge: Charge, parts: Sequence[tuple[Allocation, int]], rewards: Sequence[Reward], kept: Kept) -> None:
    """Keep more of a charge's rewards, where what goes back of it would be more than is left of it."""
    over = sum(minor - kept.of.get(one.id, 0) for one, minor in parts) - (charge.amount_minor - charge.refunded_minor)
    for allocation, minor in parts:
        for reward in rewards:
            taken = min(over, minor - kept.of.get(allocation.id, 0), reward.standing_minor - kept.rewards.get(reward.pk, 0))
            kept.add(allocation, reward, taken)
            over -= max(0, taken)


def keep_rewards(*, plan: Plan, kept: Kept, source: str, at: datetime) -> None:
    """Keep what `kept_of` said of rewards: that much less goes back than the shop refunds. Runs in the transaction of the refund."""
    if not kept.rewards:
        return
    changed = list(Reward.objects.filter(pk__in=list(kept.rewards)).order_by("pk"))
    for reward in changed:
        reward.returned_minor += kept.rewards[reward.pk]
    Reward.objects.bulk_update(changed, ["returned_minor"])
    ledger.rewards_kept([_posting(plan, source, kept.amount_minor, at)])


def _rewards_of(plan: Plan, taken: Iterable[tuple[Allocation, int]]) -> list[Reward]:
    """Return the rewards in money of the charges of some allocations, on whichever installment, the first before."""
    charges = {allocation.charge_id for allocation, _minor in taken}
    found = Reward.objects.filter(installment__plan=plan, charge_id__in=charges, amount_minor__gt=0)
    return list(found.order_by("id")) if charges else []


def owe_rewards(
    *, plan: Plan, charge: Charge, rows: Mapping[int, Installment], numbers: Collection[int], source: str, at: datetime
) -> None:
    """Let installments of a locked plan, whose payment a bank took back, ask for what that payment had earned, in memory.

    What the shop's refunds kept stays kept; of a sold debt nothing is asked. The caller saves the installments.
    """
    if plan.sold_at is not None:
        return
    by_id = {rows[number].id: rows[number] for number in numbers}
    found = [one for one in Reward.objects.filter(charge_id=charge.id, installment__in=list(by_id)) if one.standing_minor]
    if not found:
        return
    owed = sum(one.standing_minor for one in found)
    for reward in found:
        by_id[reward.installment_id].principal_minor += reward.standing_minor
        reward.owed_minor += reward.standing_minor
    Reward.objects.bulk_update(found, ["owed_minor"])
    ledger.rewards_owed([_posting(plan, source, owed, at)])
    credit.owe_again(consumer_id=plan.consumer_id, currency=plan.currency, amount_minor=owed, at=at)


def give_rewards_again(*, plan: Plan, charge: Charge, rows: Mapping[int, Installment], source: str, at: datetime) -> None:
    """Ask no more for what a charge had earned, since a bank gave it back to us after all, as far as that is still open; in memory."""
    by_id = {row.id: row for row in rows.values() if row.status != InstallmentStatus.CANCELED}
    given, changed = 0, []
    for reward in Reward.objects.filter(charge_id=charge.id, installment__in=list(by_id), owed_minor__gt=0):
        row = by_id[reward.installment_id]
        minor = min(reward.owed_minor, row.principal_minor - row.paid_principal_minor)
        if minor > 0:
            row.principal_minor -= minor
            reward.owed_minor -= minor
            given += minor
            changed.append(reward)
    if given:
        Reward.objects.bulk_update(changed, ["owed_minor"])
        ledger.rewards_not_owed([_posting(plan, source, given, at)])
        credit.release_many(amounts={(plan.consumer_id, plan.currency): given})
