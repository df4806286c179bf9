"""Agencies that collect debts that were given up: contracts, placing, and recalling."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from accounts.models import User
from collection.agencies import ACTIVE_CAUSES, list_placed
from collection.agency_rules import Ruled
from collection.conduct import find_hold
from collection.contacting import kept_with_us
from collection.events import DebtPlaced
from collection.held import why_held
from collection.models import Agency, Placement, Release
from collection.queries import lock_agency
from collection.services.recalling import recalled_event
from collection.services.reminding import give_before_hand_over
from controls.models import RuleCase
from core.clock import local_date
from core.db import unit
from core.errors import Conflict, Invalid, NotFound, require
from core.outbox import append_all
from core.sentences import Sentence
from markets.queries import get_market
from plans.models import Plan
from plans.queries import lock_plans
from plans.sales import Choice, Parts, list_to_sell, open_parts_of

MAY_MANAGE = "collection.manage_agency"


def add_agency(
    *,
    name: str,
    contact: str,
    market: str,
    rate_bps: int,
    notice_days: int,
    least_days: int,
    least_minor: int,
    most_minor: int,
    user: User,
    at: datetime,
) -> Agency:
    """Make a contract with an agency; Forbidden without the right, Invalid without a name, a contact and terms that make sense."""
    require(user, MAY_MANAGE)
    if not name.strip() or not contact.strip():
        raise Invalid(
            "Say who collects, and how people reach them.", fields={"name": Sentence("say who collects, and how people reach them")}
        )
    check_rate(rate_bps)
    if not 0 < least_minor <= most_minor:
        raise Invalid("The largest amount is below the smallest.", fields={"most_minor": Sentence("must not be below the smallest amount")})
    terms = {
        "rate_bps": rate_bps,
        "notice_days": notice_days,
        "least_days": least_days,
        "least_minor": least_minor,
        "most_minor": most_minor,
    }
    told = {"name": name.strip(), "contact": contact.strip(), "market": get_market(market), "made_by": str(user.pk), "made_at": at}
    return Agency.objects.create(**told, **terms)


def check_rate(rate_bps: int) -> None:
    """Refuse a share that is more than the whole (Invalid)."""
    if not 0 <= rate_bps <= 10_000:
        raise Invalid("Enter a share up to the whole.", fields={"rate_bps": Sentence("enter a share up to the whole")})


def stop_agency(*, agency_id: uuid.UUID, user: User, at: datetime) -> Agency:
    """Stop a contract: nothing new is placed; what the agency has, it keeps until it is recalled. Conflict if it is stopped already.

    What it would only get once the notice is over is recalled, and the people are told.
    """
    require(user, MAY_MANAGE)
    with unit():
        agency = lock_agency(agency_id)
        if agency.stopped_at is not None:
            raise Conflict("This contract is stopped already.", code="collection.agency_stopped")
        agency.stopped_by, agency.stopped_at = str(user.pk), at
        agency.save(update_fields=["stopped_by", "stopped_at"])
        take_back_coming(agency=agency, cause=Placement.BY_HAND, actor=str(user.pk), at=at)
    return agency


def take_back_coming(*, agency: Agency, cause: str, actor: str, at: datetime) -> int:
    """Recall what the people of a locked agency were only told of, and tell them; return how many."""
    with unit():
        coming = agency.placements.filter(recalled_at=None, placed_on__gt=local_date(at, agency.market.time_zone))
        lock_plans(list(coming.values_list("plan_id", flat=True)))
        # Behind the locks of the plans: one of them may have been recalled meanwhile.
        ended = list(coming.select_related("plan", "agency").defer("plan__agreement", "plan__agreement_before"))
        recalled = {"recall_cause": cause, "recalled_by": actor, "recalled_at": at}
        Placement.objects.filter(pk__in=[one.pk for one in ended]).update(**recalled)
        append_all([recalled_event(one.plan, one) for one in ended], at=at)
    return len(ended)


def place_debts(*, agency_id: uuid.UUID, user: User, at: datetime) -> int:
    """Place with an agency all debts that its contract takes and nobody has; return how many. Each person is told before.

    Taken is what was given up as not collectable, is neither sold nor disputed, and has no payment under way, of people for whom
    collecting does not stand still, of whom no complaint waits for its answer, and who have no relief that runs. Where the market's law
    wants a notice before, it is given now to who was not told, and the debt is placed by a later call, once its days are over. Conflict
    for a stopped contract, and for an agency that is stopped for its conduct.
    """
    require(user, MAY_MANAGE)
    with unit():
        agency = lock_agency(agency_id)
        if agency.stopped_at is not None:
            raise Conflict("This contract is stopped already.", code="collection.agency_stopped")
        if find_hold(agency) is not None:
            raise Conflict("This agency is stopped for its conduct.", code="collection.agency_held")
        return place_with(agency=agency, found=dict(list_to_sell(choice_of(agency, at))), actor=str(user.pk), at=at)


def choice_of(agency: Agency, at: datetime, zone: str = "") -> Choice:
    """Return which debts the contract of an agency takes, of a time zone alone if one is given."""
    until = local_date(at, agency.market.time_zone) - timedelta(days=agency.least_days)
    return Choice(agency.market_id, agency.market.currency, until, agency.least_minor, agency.most_minor, ACTIVE_CAUSES, zone)


def place_with(
    *, agency: Agency, found: Mapping[uuid.UUID, int], actor: str, at: datetime, ruled: Mapping[uuid.UUID, Ruled] = MappingProxyType({})
) -> int:
    """Place plans with a locked agency, each with what is open of it by now, and tell the people; return how many.

    `ruled` is what rules said of them, which each placement and its case keep.

    Left out is what somebody placed or what holds it back meanwhile, what may be settled for less now, and what must wait for a notice,
    which is given now.
    """
    with unit():
        plans = ready_of(plans=lock_plans(list(found)), at=at)
        day = local_date(at, agency.market.time_zone) + timedelta(days=agency.notice_days)
        told = {"agency": agency, "placed_by": actor, "told_at": at, "placed_on": day}
        # Behind the locks of the plans: something may have been paid since they were found.
        opened = open_parts_of([plan.id for plan in plans])
        made = [Placement(plan=plan, face_minor=opened[plan.id].total_minor, **told) for plan in plans]
        for one in made:
            if one.plan_id in ruled:
                one.ruled, ruled[one.plan_id].case.subject = ruled[one.plan_id].kept, one.public_id
        Placement.objects.bulk_create(made)
        RuleCase.objects.bulk_create(ruled[one.plan_id].case for one in made if one.plan_id in ruled)
        append_all([_placed(one, agency, opened[one.plan_id]) for one in made], at=at)
    return len(made)


def ready_of(*, plans: Sequence[Plan], at: datetime) -> list[Plan]:
    """Return those of some locked plans that nobody has and nothing holds back; who must be told first is told now, and left out."""
    # Behind the locks of the plans: another agency may have got one meanwhile.
    keys = [plan.id for plan in plans]
    kept = {*list_placed(keys), *kept_with_us(keys), *why_held(plans, at)}
    free = [plan for plan in plans if plan.id not in kept]
    waiting = give_before_hand_over(plans=free, at=at)
    return [plan for plan in free if plan.id not in waiting]


def _placed(one: Placement, agency: Agency, parts: Parts) -> DebtPlaced:
    named: dict[str, Any] = {"agency": agency.name, "contact": agency.contact, "placed_on": one.placed_on.isoformat()}
    minors: dict[str, Any] = {
        "amount_minor": one.face_minor,
        "interest_minor": parts.interest_minor,
        "fees_minor": parts.fees_minor,
        "itemized": True,
    }
    return DebtPlaced(plan=one.plan.public_id, reference=one.plan.reference, placement=one.public_id, **minors, **named)


def recall(*, placement_id: uuid.UUID, user: User, at: datetime) -> Placement:
    """Take a debt back from its agency; the person is told. Conflict if it is recalled already; NotFound."""
    require(user, MAY_MANAGE)
    with unit():
        found = Placement.objects.filter(pk=placement_id).values_list("plan_id", flat=True).first()
        if found is None:
            raise NotFound("There is no such debt with an agency.")
        (plan,) = lock_plans([found])
        one = Placement.objects.select_related("agency").get(pk=placement_id)
        if one.recalled_at is not None:
            raise Conflict("This is recalled already.", code="collection.recalled")
        one.recall_cause, one.recalled_by, one.recalled_at = Placement.BY_HAND, str(user.pk), at
        one.save(update_fields=["recall_cause", "recalled_by", "recalled_at"])
        append_all([recalled_event(plan, one)], at=at)
    return one


def release(*, placement_id: uuid.UUID, reason: str, user: User, at: datetime) -> Release:
    """Let a debt that operators recalled be placed again by the close of day.

    Invalid without a reason; Conflict if it was not recalled by hand, or is let go already; NotFound.
    """
    require(user, MAY_MANAGE)
    if not reason.strip():
        raise Invalid("Say why.", fields={"reason": Sentence("say why")})
    with unit():
        found = Placement.objects.filter(pk=placement_id).values_list("plan_id", flat=True).first()
        if found is None:
            raise NotFound("There is no such debt with an agency.")
        lock_plans([found])
        one = Placement.objects.get(pk=placement_id)
        if one.recall_cause != Placement.BY_HAND or Release.objects.filter(placement=one).exists():
            raise Conflict("Nothing keeps this debt from being placed again.", code="collection.released")
        return Release.objects.create(placement=one, reason=reason.strip()[:500], made_by=str(user.pk), made_at=at)
