"""Why an agency gets no debt, or keeps it no longer: what happened to the plan, or to its person, since it was given up."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime

from accounts.states import RequestStatus
from collection.asking import HARDSHIP, MOST_DAYS, asking_help
from collection.contacting import complaining, complains
from collection.models import Placement
from core.db import rows
from core.ids import parse_id
from payments.queries import list_all_being_disputed, list_being_disputed
from plans.areas import held_in_areas
from plans.hardship import relieved
from plans.models import Plan
from plans.standstill import standing_still
from plans.states import PlanStatus


def why_held(plans: Collection[Plan], at: datetime) -> dict[uuid.UUID, str]:
    """Return for those of some plans that no agency may have why not, as in `Placement.CAUSES`.

    Six queries, however many plans, and where disaster areas are paused two more, and one for each.
    """
    people = {plan.consumer_id for plan in plans}
    still, unanswered, helped = standing_still(people), complaining(people), relieved(people, at) | asking_help(people, at)
    disputed, waiting = list_being_disputed({plan.public_id for plan in plans}), held_in_areas([plan.pk for plan in plans], at)
    found = {}
    for plan in plans:
        reasons = {
            Placement.PAID: not plan.is_charged_off,
            Placement.SOLD: plan.sold_at is not None,
            Placement.STILL: plan.consumer_id in still,
            Placement.COMPLAINT: plan.consumer_id in unanswered,
            Placement.DISPUTE: plan.public_id in disputed,
            Placement.HARDSHIP: plan.consumer_id in helped,
            Placement.AREA: plan.pk in waiting,
        }
        if why := next((cause for cause, holds in reasons.items() if holds), ""):
            found[plan.pk] = why
    return found


# Which of them must really come back is said by `why_held`, behind the locks of the plans.
_SUSPECTS = f"""
    SELECT p.id FROM collection_placement c JOIN plans_plan p ON p.id = c.plan_id
    WHERE c.recalled_at IS NULL AND p.time_zone = %(zone)s AND (
        p.status <> '{PlanStatus.CHARGED_OFF}' OR p.sold_at IS NOT NULL OR p.id = ANY(%(disputed)s::uuid[])
        OR EXISTS (SELECT 1 FROM plans_standstill s WHERE s.consumer_id = p.consumer_id AND s.ended_at IS NULL)
        OR {complains("p.consumer_id")}
        OR EXISTS (SELECT 1 FROM accounts_consumerrequest q WHERE q.consumer_id = p.consumer_id AND q.kind = '{HARDSHIP}'
            AND (q.status = '{RequestStatus.OPEN}' OR q.answered_at >= %(day)s::date - {MOST_DAYS.days}))
        OR EXISTS (SELECT 1 FROM plans_plan o JOIN plans_hardship h ON h.plan_id = o.id
            WHERE o.consumer_id = p.consumer_id AND o.status = '{PlanStatus.ACTIVE}')
        OR EXISTS (SELECT 1 FROM plans_product r JOIN plans_disasterarea d ON d.market_id = r.market_id
            WHERE r.id = p.product_id AND d.until >= %(day)s))
    ORDER BY p.id"""  # noqa: S608  (words of our own)


def find_suspects(zone: str, day: date) -> Sequence[uuid.UUID]:
    """Return the plans of a zone with an agency that may have to come back after a day, in the order of their keys; two queries."""
    disputed = [parse_id(Plan.PREFIX, reference) for reference in list_all_being_disputed() if reference.startswith(f"{Plan.PREFIX}_")]
    return [key for (key,) in rows(_SUSPECTS, {"zone": zone, "day": day, "disputed": [str(key) for key in disputed]})]
