"""Settle several late plans of a person by one offer: divided by what is open of each, accepted, paid and broken as one."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from accounts.models import User
from collection.events import SettlementOffered
from collection.joint import FEWEST, Member, check_joint, may_together, standing_of
from collection.models import JointSettlement, Settlement
from collection.services.cases import MAY_WORK
from collection.services.freely import pay_shares
from collection.services.settled import lock_members, told
from collection.services.settling import close_members, last_day, lock_to_settle, make_settlement, replace_offers
from collection.settling import Terms, terms_now
from collection.settling_guards import AMOUNT, PARTS, PLANS, SETTLING_ALL
from collection.states import SETTLEMENT_LIVE, SettlementStatus
from controls import services as controls
from controls.models import Proposal
from core.clock import day_begins, local_date
from core.db import unit
from core.errors import Invalid, require
from core.idempotency import Once
from core.outbox import append
from core.sentences import Sentence
from payments.models import Charge, PaymentMethod
from payments.services import NOBODY, Asker
from plans.errors import SomethingElse
from plans.queries import list_installments

AGAIN = timedelta(hours=1)
"""After so long an offer is looked at again that a payment under way, or a stop, is waited for."""
CHUNK = 100
"""The most offers that one run of the timer ends."""


def settle_together(*, plan_ids: Collection[uuid.UUID], terms: Terms, note: str, user: User, at: datetime) -> JointSettlement | Proposal:
    """Offer a person to take an amount as full payment of several late plans; where one operator may not by the sum, propose it.

    The amount is divided by what is open of each plan. Conflict and Invalid as `collection.services.settle_for`; Invalid also if the plans
    are not two or more of one person in one currency.
    """
    require(user, MAY_WORK)
    with unit():
        members = _lock(plan_ids)
        shares = check_joint(members, terms, at)
        if may_together(members, terms, local_date(at, members[0].plan.time_zone)):
            return _offer(members, terms, shares, None, str(user.pk), at)
        keys = [str(one.plan.pk) for one in members]
        after = {AMOUNT: terms.amount_minor, PARTS: terms.written(), PLANS: keys}
        return controls.propose(kind=SETTLING_ALL, subject=keys[0], after=after, reason=note, starts_on=None, user=user, at=at)


def offer_agreed_together(*, plan_ids: Collection[uuid.UUID], terms: Terms, proposal: Proposal, at: datetime) -> JointSettlement:
    """Offer a person the settlement of several plans on which two people agreed; errors as `settle_together`."""
    with unit():
        members = _lock(plan_ids)
        return _offer(members, terms, check_joint(members, terms, at), proposal, proposal.proposed_by, at)


def _lock(plan_ids: Collection[uuid.UUID]) -> list[Member]:
    locked = sorted(lock_to_settle(plan_ids).values(), key=lambda plan: plan.pk)
    if len(locked) < FEWEST or len({(plan.consumer_id, plan.currency) for plan in locked}) > 1:
        raise Invalid("This cannot be settled together.", fields={"plans": Sentence("two or more of one person, in one currency")})
    rows = list_installments([plan.pk for plan in locked])
    return [Member(plan, rows[plan.pk]) for plan in locked]


def _offer(
    members: list[Member], terms: Terms, shares: list[Terms], proposal: Proposal | None, actor: str, at: datetime
) -> JointSettlement:
    first = members[0].plan
    replace_offers([one.plan.pk for one in members], at)
    until = last_day([(one.plan, one.rows) for one in members], terms, local_date(at, first.time_zone))
    joint = JointSettlement.objects.create(
        consumer_id=first.consumer_id,
        currency=first.currency,
        shares=[[str(one.plan.pk), one.open_minor, mine.amount_minor] for one, mine in zip(members, shares, strict=True)],
        open_minor=sum(one.open_minor for one in members),
        amount_minor=terms.amount_minor,
        parts=terms.written(),
        until=until,
        proposal=proposal,
        made_by=actor,
        made_at=at,
        due_at=day_begins(until + timedelta(days=1), first.time_zone),
    )
    made = [
        make_settlement(one.plan, one.rows, mine, until=until, actor=actor, at=at, joint=joint)
        for one, mine in zip(members, shares, strict=True)
    ]
    append(SettlementOffered(**told(made), until=until.isoformat(), forgiven_minor=joint.open_minor - joint.amount_minor), at=at)
    return joint


def end_joint_settlements(*, at: datetime) -> int:
    """End offers over several plans of which a day is over: not accepted in time, or a part was not paid; return how many ended.

    Run by a timer. Safe to repeat, to run in many workers at once, and to kill at any point: each offer ends in one transaction.
    """
    due = JointSettlement.objects.filter(due_at__lte=at).order_by("due_at")[:CHUNK]
    return sum(_close(joint.pk, at) for joint in due)


def _close(joint_id: uuid.UUID, at: datetime) -> bool:
    with unit():
        first = Settlement.objects.filter(joint=joint_id).first()
        live = [one for one in lock_members(first.pk) if one.status in SETTLEMENT_LIVE] if first else []
        joint = JointSettlement.objects.get(pk=joint_id)
        if joint.due_at is None or joint.due_at > at:
            return False
        zone = live[0].plan.time_zone if live else "UTC"
        day = local_date(at, zone) - timedelta(days=1)
        ended = bool(live) and close_members(live, day, at)
        joint.due_at = None
        if live and not ended:
            following = next((on for on, _minor in terms_now(live[0]).parts if on > day), None)
            joint.due_at = day_begins(following + timedelta(days=1), zone) if following else at + AGAIN
        joint.save(update_fields=["due_at"])
    return ended


def pay_joint_settlement(
    *, joint: JointSettlement, method: PaymentMethod, seen: str, once: Once | None = None, asker: Asker = NOBODY, at: datetime
) -> list[Charge]:
    """Pay what is next to pay of an accepted offer over several plans for its person, one charge a plan; errors as `pay_freely`.

    SomethingElse if something else is to be paid than what was `seen` (`collection.joint.Standing.seal`).
    """

    def shares() -> dict[uuid.UUID, int]:
        first = joint.members.order_by("plan_id")[0]
        standing = standing_of([one for one in lock_members(first.pk) if one.status == SettlementStatus.ACCEPTED])
        if seen != standing.seal:
            raise SomethingElse("What is to be paid changed since you looked. Please look at it again. Nothing was charged.")
        return dict(standing.next)

    return pay_shares(
        consumer=joint.consumer,
        currency=joint.currency,
        shares=shares,
        method=method,
        actor=joint.consumer.public_id,
        once=once,
        asker=asker,
        at=at,
    )
