"""What the gate of contacts looks at: whether a person may be asked to pay now, by this channel, about these payments."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.models import Consumer, ConsumerRequest
from accounts.states import RequestStatus
from collection.models import Complaint, Contact, ContactStop, Settlement
from collection.states import SETTLEMENT_LIVE
from core.clock import day_begins, local_date
from core.sentences import marked
from markets.queries import asked_from, find_messages
from plans.areas import paused_among
from plans.models import Installment, Plan, Standstill
from plans.queries import list_installments
from plans.returns import returning_among

COMPLAINT = "complaint"
"""The kind of the requests by which people complain themselves; who only asks something holds nothing back."""
SAME_MATTER = timedelta(days=60)
"""Who complains themselves again so soon after an answer is about the same matter, which holds back once: else it would for ever."""
LONGEST = timedelta(days=92)
"""Contacts from longer ago hold nothing back, since no span of `contact.messages` is longer."""
HELD_BACK = {
    "standstill": marked("collecting stands still for the person"),
    "complaint": marked("a complaint waits for its answer"),
    "paid": marked("no longer true"),
    "changed": marked("something of it was paid"),
    "promised": marked("it is promised"),
    "stopped": marked("the payments are stopped"),
    "paused": marked("the payments are paused"),
    "asked_not": marked("the person does not want it by this channel"),
}
"""Why a contact is never made, in words for operators."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A contact that is about to be made: `reference` names it, `about` the payments by plan that it mentions.

    `asks`: it asks to pay what is late; otherwise it tells what the law or the agreement demands, and only a standstill holds it back.
    `while_open`: it is outdated once all that it mentions is paid. `whole`: once any of it is, since it names a sum of all.
    `any_hour`: its hour was looked at before (`asked_from`). `wanted`: the person asked for it on a call, so that it
    counts for no limit, and goes whatever is promised.
    """

    reference: str
    consumer: Consumer
    channel: str
    about: Mapping[uuid.UUID, Collection[int]] = field(default_factory=dict)
    asks: bool = False
    while_open: bool = False
    whole: bool = False
    any_hour: bool = False
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says: go (`why` is empty), never (`why` is a key of `HELD_BACK`), or not before `until` (`hours`, `often`)."""

    why: str = ""
    until: datetime | None = None

    @property
    def goes(self) -> bool:
        """Whether the contact may be made now."""
        return not self.why


@dataclass(slots=True)
class Known:
    """What is known of the people and plans of some attempts, read in eight statements; `days` are those of earlier contacts."""

    still: set[uuid.UUID]
    complaining: set[uuid.UUID]
    stops: set[tuple[uuid.UUID, str]]
    plans: dict[uuid.UUID, Plan]
    paused: set[uuid.UUID]
    members: dict[uuid.UUID, list[Installment]]
    days: dict[uuid.UUID, list[date]]
    counted: set[str]


def read_known(attempts: Sequence[Attempt], at: datetime) -> Known:
    """Read what some attempts are judged by."""
    people = {one.consumer.pk for one in attempts}
    keys = {key for one in attempts for key in one.about}
    days: dict[uuid.UUID, list[date]] = defaultdict(list)
    counted = set()
    made = Contact.objects.filter(consumer__in=people, day__gte=(at - LONGEST).date()).order_by("day")
    for consumer_id, day, reference in made.values_list("consumer_id", "day", "reference"):
        days[consumer_id].append(day)
        counted.add(reference)
    return Known(
        still=set(Standstill.objects.filter(consumer__in=people, ended_at=None).values_list("consumer_id", flat=True)),
        complaining=complaining(people),
        stops=set(list_stopped(people)),
        plans=Plan.objects.defer("agreement").in_bulk(list(keys)),
        paused=paused_among(keys, at) | returning_among(keys),
        members=list_installments(keys),
        days=days,
        counted=counted,
    )


def complaining(consumer_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return whose complaint waits for its answer, of some people: at the desk, or as a request of their own; one query.

    Their own holds back once for a matter (`SAME_MATTER`); what an operator hands over always does.
    """
    people = Consumer.objects.filter(pk__in=consumer_ids)
    return set(people.filter(_complains("pk")).values_list("pk", flat=True))


def _complains(person: str) -> Q:
    """Return the condition that a person complains, whom a column names."""
    asked = ConsumerRequest.objects.filter(consumer=OuterRef(person), kind=COMPLAINT, status=RequestStatus.OPEN)
    answered = ConsumerRequest.objects.filter(
        consumer=OuterRef("consumer"), kind=COMPLAINT, answered_at__gt=OuterRef("asked_at") - SAME_MATTER
    )
    asked = asked.exclude(Exists(answered))
    return Q(Exists(Complaint.objects.filter(consumer=OuterRef(person), ended_at=None))) | Q(Exists(asked))


def complains(person: str) -> str:
    """Return the same in SQL: `person` is the column with the person's key."""
    return f"""(EXISTS (SELECT 1 FROM collection_complaint w WHERE w.consumer_id = {person} AND w.ended_at IS NULL)
        OR EXISTS (SELECT 1 FROM accounts_consumerrequest q
            WHERE q.consumer_id = {person} AND q.kind = '{COMPLAINT}' AND q.status = '{RequestStatus.OPEN}' AND NOT EXISTS (
                SELECT 1 FROM accounts_consumerrequest b WHERE b.consumer_id = q.consumer_id AND b.kind = '{COMPLAINT}'
                    AND b.answered_at > q.asked_at - interval '{SAME_MATTER.days} days')))"""  # noqa: S608  (words of our own)


def kept_with_us(plan_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some plans whose person's complaint waits for its answer, or that may be settled for less now; two queries.

    Nobody else gets them meanwhile.
    """
    settling = Settlement.objects.filter(plan__in=plan_ids, status__in=SETTLEMENT_LIVE).values_list("plan", flat=True)
    complained = Plan.objects.filter(_complains("consumer"), pk__in=plan_ids).values_list("pk", flat=True)
    return {*settling, *complained}


def judge(one: Attempt, known: Known, at: datetime) -> Verdict:
    """Say whether an attempt goes, and why not. Reasons that hold for good come before those that pass."""
    if why := _never(one, known, at):
        return Verdict(why)
    if not one.asks:
        return Verdict()
    begins = at if one.any_hour else asked_from(one.consumer.market_id, one.consumer.time_zone, at)
    if begins > at:
        return Verdict("hours", begins)
    return Verdict() if one.wanted or one.reference in known.counted else _often(one, known, at)


def _never(one: Attempt, known: Known, at: datetime) -> str:
    """Return why an attempt is never made; empty if nothing of that kind holds it back."""
    if one.consumer.pk in known.still:
        return "standstill"
    if one.while_open and (why := _outdated(one, known)):
        return why
    if one.asks and one.consumer.pk in known.complaining:
        return "complaint"
    if one.asks and not one.wanted and one.about and (why := _waits(one, known, at)):
        return why
    return "asked_not" if one.asks and (one.consumer.pk, one.channel) in known.stops else ""


def _outdated(one: Attempt, known: Known) -> str:
    """Return whether what an attempt mentions is paid, or is being paid at this moment: all of it, or any of it."""
    asked = [(plan, number) for plan, numbers in one.about.items() for number in numbers]
    owed = {(plan, row.number) for plan in one.about for row in known.members[plan] if is_owed(row)}
    left = [pair for pair in asked if pair in owed]
    if not left:
        return "paid"
    return "changed" if one.whole and len(left) < len(asked) else ""


def is_owed(row: Installment) -> bool:
    """Return whether something is open of an installment, and no payment of it is under way."""
    return row.status in row.OPEN and row.open_minor > 0 and row.charge_id is None


def _waits(one: Attempt, known: Known, at: datetime) -> str:
    """Return why nothing of what an attempt mentions is asked for now: promised, or its plan is stopped or paused; one of several does."""
    found = [known.plans[key] for key in one.about]
    if any(plan.stopped_at is not None for plan in found):
        return "changed" if one.whole and len(found) > 1 else "stopped"
    if any(plan.pk in known.paused for plan in found):
        return "changed" if one.whole and len(found) > 1 else "paused"
    if any(_is_promised(plan, at) for plan in found):
        return "changed" if one.whole and len(found) > 1 else "promised"
    return ""


def _is_promised(plan: Plan, at: datetime) -> bool:
    """Return whether a plan is promised for today or later, or settled for less: that lasts while its last payment is under way."""
    return plan.settling_until is not None or (plan.promised_until is not None and plan.promised_until >= local_date(at, plan.time_zone))


def _often(one: Attempt, known: Known, at: datetime) -> Verdict:
    """Let an attempt wait once its person was asked as often as their market allows."""
    zone = one.consumer.time_zone
    limit = find_messages(one.consumer.market_id, local_date(at, zone))
    if limit is None:
        return Verdict()
    first = local_date(at, zone) - timedelta(days=limit.value["days"] - 1)
    recent = [day for day in known.days[one.consumer.pk] if day >= first]
    if len(recent) < limit.value["most"]:
        return Verdict()
    free = recent[-limit.value["most"]] + timedelta(days=limit.value["days"])
    return Verdict("often", asked_from(one.consumer.market_id, zone, day_begins(free, zone)))


def begun_among(references: Collection[str]) -> set[str]:
    """Return which contacts have begun, of some references."""
    return set(Contact.objects.filter(reference__in=references).values_list("reference", flat=True))


def list_stopped(consumer_ids: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, str]]:
    """Return by which channels some people do not want to be asked to pay now, each with its person; one query."""
    return list(ContactStop.objects.filter(consumer__in=consumer_ids, ended_at=None).values_list("consumer_id", "channel"))


def list_stops(consumer_id: uuid.UUID) -> dict[str, ContactStop]:
    """Return the channels by which a consumer does not want to be asked to pay now, each with the row that says so."""
    return {one.channel: one for one in ContactStop.objects.filter(consumer_id=consumer_id, ended_at=None).order_by("id")}
