"""What agencies report of their contacts and of complaints: each once, checked against the code; who breaks it gets nothing new."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from collection.agency_conduct_guards import RESTARTS
from collection.agency_lines import ACCEPTED, COMPLAINTS, CONTACTS, REFUSED, REPEATED, Answered
from collection.code_of_conduct import Told, broken_rules, is_beyond
from collection.conduct import Bound, conduct_of, find_hold, limits_of
from collection.models import Agency, AgencyComplaint, AgencyContact, AgencyHold, Breach, ContactStop, Placement
from collection.queries import lock_agency, lock_contacts, lock_open_cases
from collection.services.agencies import MAY_MANAGE, take_back_coming
from collection.services.complaints import open_complaint
from collection.services.contacting import stop_contact
from controls import services as controls
from controls.errors import Changed
from controls.models import Proposal
from core.clock import day_begins, local_date
from core.db import unit
from core.errors import DomainError, Invalid, require
from core.ids import parse_id
from core.sentences import Sentence, marked, translated

STOPPED = "stopped"
LOOK_BACK = timedelta(days=92)
"""Contacts from longer ago than this before another do not matter for it, since no span of `contact.calls` is longer."""
MOST = 5_000
"""The most lines of one report."""
FIRST_YEAR = 2000
"""No contact is older; nor does a clock that was never set count as one."""
_GONE = Sentence("is no debt that this agency has or had")
GOES_ON = marked("This agency is not stopped for its conduct any more.")
_OTHERWISE = Sentence("was reported before with other facts")


@dataclass(frozen=True, slots=True)
class Refused:
    """A line of a report that was not taken (from 1 on), the field, and why."""

    line: int
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a report: how many lines were taken now, and which (from 1 on) were known already or refused."""

    taken: int
    known: tuple[int, ...]
    refused: tuple[Refused, ...]

    @property
    def again(self) -> int:
        """How many lines were known already."""
        return len(self.known)


def take_report(*, agency_id: uuid.UUID, kind: str, lines: Sequence[Mapping[str, Any]], user: User, at: datetime) -> Reported:
    """Take a report of an agency that an operator uploads: `contacts` or `complaints`; Forbidden without the right."""
    require(user, MAY_MANAGE)
    service = {CONTACTS: report_contacts, COMPLAINTS: report_complaints}.get(kind)
    if service is None:
        raise Invalid("Choose what is reported.", fields={"kind": Sentence("choose one of these")})
    return service(agency_id=agency_id, lines=lines, told_by=str(user.pk), at=at)


def report_contacts(*, agency_id: uuid.UUID, lines: Sequence[Mapping[str, Any]], told_by: str, at: datetime) -> Reported:
    """Keep contacts that an agency reports, each of its references once, and note which rules of the code each broke.

    A line has `reference`, `placement`, `at` (a moment with its offset), `channel` and `outcome` (`AgencyContact`). Bad lines are refused
    by themselves. Who asked an agency not to use a channel is not asked by it any more by us either. Invalid for more than `MOST` lines.
    """
    with unit():
        agency, mine = _begin(agency_id, lines)
        known = {one.reference: one for one in AgencyContact.objects.filter(agency=agency, reference__in=_references(lines))}
        made, again, refused = list[AgencyContact](), list[int](), list[Refused]()
        for number, line in enumerate(lines, 1):
            try:
                one = _contact(agency, mine, line, at)
                again += [number] if _is_known(known, one, ("placement_id", "at", "channel", "outcome")) else []
            except Invalid as error:
                refused += [Refused(number, field, why) for field, why in error.sentences.items()]
                continue
            if one.reference not in known:
                one.told_by, one.told_at = told_by, at
                known[one.reference] = one
                made.append(one)
        AgencyContact.objects.bulk_create(made)
        _stop_channels(made, told_by)
        _judge(agency, made, at)
        _hold_if_beyond(agency, at)
    return Reported(len(made), tuple(again), tuple(refused))


def report_complaints(*, agency_id: uuid.UUID, lines: Sequence[Mapping[str, Any]], told_by: str, at: datetime) -> Reported:
    """Keep complaints that people made to an agency, each of its references once, and open each in our own queue.

    A line has `reference`, `placement`, `at` and `about`. From then on nobody asks the person to pay until it is answered, and the debt
    comes back (`handlers.on_complaint_opened`). Bad lines are refused by themselves. Invalid for more than `MOST` lines.
    """
    with unit():
        agency, mine = _begin(agency_id, lines)
        # Two agencies may report complaints of the same people: their cases are taken in one order, those to be opened by person.
        lock_open_cases({one.plan.consumer_id for one in mine.values()})
        known = {one.reference: one for one in AgencyComplaint.objects.filter(agency=agency, reference__in=_references(lines))}
        taken, again, refused = 0, list[int](), list[Refused]()
        for number, line in sorted(enumerate(lines, 1), key=lambda one: _person(mine, one[1])):
            try:
                one = _complaint(agency, mine, line, at)
                again += [number] if _is_known(known, one, ("placement_id", "at")) else []
            except Invalid as error:
                refused += [Refused(number, field, why) for field, why in error.sentences.items()]
                continue
            if one.reference not in known:
                one.told_by, one.told_at = told_by, at
                plan = one.placement.plan
                one.complaint = open_complaint(consumer=plan.consumer, currency=plan.currency, about=one.about, actor=told_by, at=at)
                one.save(force_insert=True)
                known[one.reference], taken = one, taken + 1
        _hold_if_beyond(agency, at)
    return Reported(taken, tuple(again), tuple(sorted(refused, key=lambda one: one.line)))


def answers_to(lines: Sequence[Mapping[str, Any]], told: Reported) -> list[Answered]:
    """Return what became of each line of a report, in their order, in the current language."""
    wrong = {one.line: one for one in reversed(told.refused)}
    answers = []
    for number, line in enumerate(lines, 1):
        named = str(line.get("reference") or "").strip()[:80]
        reference = named if named.isprintable() else ""
        fault = wrong.get(number)
        status = REFUSED if fault else REPEATED if number in told.known else ACCEPTED
        field, why = (fault.field, translated(fault.why)) if fault else ("", "")
        answers.append(Answered(number, reference, status, field=field, reason=why))
    return answers


def _begin(agency_id: uuid.UUID, lines: Sequence[Mapping[str, Any]]) -> tuple[Agency, dict[uuid.UUID, Placement]]:
    """Lock the agency, so that two reports wait for each other; return it with those of its placements that are named."""
    if len(lines) > MOST:
        raise Invalid("These are too many lines.", fields={"file": Sentence("has at most %(most)s lines", most=MOST)})
    agency = lock_agency(agency_id)
    keys = {key for line in lines if (key := _key(line))}
    found = agency.placements.filter(pk__in=keys).select_related("plan__consumer").defer("plan__agreement", "plan__agreement_before")
    return agency, {one.pk: one for one in found}


def _references(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    told = (str(line.get("reference") or "").strip() for line in lines)
    return [reference for reference in told if reference.isprintable()]


def _key(line: Mapping[str, Any]) -> uuid.UUID | None:
    try:
        return parse_id(Placement.PREFIX, line.get("placement"))
    except DomainError:
        return None


def _person(mine: Mapping[uuid.UUID, Placement], line: Mapping[str, Any]) -> str:
    key = _key(line)
    placed = mine.get(key) if key else None
    return str(placed.plan.consumer_id) if placed else ""


def _contact(agency: Agency, mine: Mapping[uuid.UUID, Placement], line: Mapping[str, Any], at: datetime) -> AgencyContact:
    """Read a line of contacts; Invalid names each field."""
    facts = _facts(mine, line, at)
    channel = _choice(line, "channel", AgencyContact.CHANNELS)
    outcome = _choice(line, "outcome", AgencyContact.OUTCOMES)
    return AgencyContact(
        agency=agency, channel=channel, outcome=outcome, day=local_date(facts["at"], facts["placement"].plan.time_zone), **facts
    )


def _complaint(agency: Agency, mine: Mapping[uuid.UUID, Placement], line: Mapping[str, Any], at: datetime) -> AgencyComplaint:
    """Read a line of complaints; Invalid names each field."""
    facts = _facts(mine, line, at)
    about = str(line.get("about") or "").strip()
    if not about or len(about) > 2_000 or not _can_be_kept(about):
        raise Invalid("Say what it is about.", fields={"about": Sentence("must have 1 to %(most)s characters", most=2_000)})
    return AgencyComplaint(agency=agency, consumer_id=facts["placement"].plan.consumer_id, about=about, **facts)


def _facts(mine: Mapping[uuid.UUID, Placement], line: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    reference = str(line.get("reference") or "").strip()
    if not reference or len(reference) > 80 or not reference.isprintable():
        raise Invalid("Name it.", fields={"reference": Sentence("must have 1 to %(most)s characters", most=80)})
    key = _key(line)
    placement = mine.get(key) if key else None
    if placement is None:
        raise Invalid("Name a debt.", fields={"placement": _GONE})
    try:
        made = datetime.fromisoformat(str(line.get("at") or ""))
    except ValueError:
        made = None
    if made is None or made.tzinfo is None or made.year < FIRST_YEAR:
        raise Invalid("Say when.", fields={"at": Sentence("must be a moment with its offset, such as 2026-03-01T10:30:00-05:00")})
    if made > at:
        raise Invalid("Say when.", fields={"at": Sentence("is in the future")})
    return {"reference": reference, "placement": placement, "at": made}


def _can_be_kept(text: str) -> bool:
    """Return whether the database holds a text: without NUL and half surrogate pairs."""
    return not any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in text)


def _choice(line: Mapping[str, Any], name: str, choices: Sequence[tuple[str, Any]]) -> str:
    value = str(line.get(name) or "")
    if value not in dict(choices):
        told = ", ".join(key for key, _title in choices)
        raise Invalid("Choose one.", fields={name: Sentence("must be one of: %(choices)s", choices=told)})
    return value


def _is_known(known: Mapping[str, Any], one: Any, names: Collection[str]) -> bool:
    """Return whether a reference was reported before; Invalid if it was with other facts."""
    before = known.get(one.reference)
    if before is not None and any(getattr(before, name) != getattr(one, name) for name in names):
        raise Invalid("This was reported before.", fields={"reference": _OTHERWISE})
    return before is not None


def _stop_channels(made: Sequence[AgencyContact], told_by: str) -> None:
    lock_contacts({one.placement.plan.consumer_id for one in made if one.outcome == AgencyContact.STOP})
    for one in made:
        if one.outcome != AgencyContact.STOP or one.channel not in dict(ContactStop.CHANNELS):
            continue
        person = one.placement.plan.consumer_id
        # A report may come late: what the person said since then stands.
        if not ContactStop.objects.filter(consumer=person, channel=one.channel, ended_at__gt=one.at).exists():
            stop_contact(consumer_id=person, channel=one.channel, actor=told_by, at=one.at)


def _judge(agency: Agency, made: Sequence[AgencyContact], at: datetime) -> None:
    """Note which rules contacts broke. Later ones about the same debts are judged anew, since a report may come out of order."""
    if not made:
        return
    first = min(one.at for one in made)
    debts = {one.placement.plan_id for one in made}
    told = AgencyContact.objects.filter(agency=agency, placement__plan__in=debts, at__gte=first - LOOK_BACK)
    found = list(told.select_related("placement__plan").defer("placement__plan__agreement", "placement__plan__agreement_before"))
    found.sort(key=lambda one: (one.at, one.pk))
    bound = Bound.of({one.placement.plan.consumer_id for one in found}, first)
    breaches, earlier = list[Breach](), dict[uuid.UUID, list[Told]]()
    for one in found:
        plan = one.placement.plan
        past = earlier.setdefault(plan.pk, [])
        here = Told(one.at, one.day, one.channel, one.outcome == AgencyContact.SPOKE)
        if one.at >= first:
            code = bound.code_for(one.placement, agency.market_id, one.day)
            rules = broken_rules(here, past, code, day_begins(one.day, plan.time_zone))
            breaches += [Breach(agency=agency, contact=one, rule=rule, at=one.at, found_at=at) for rule in rules]
        past.append(here)
    Breach.objects.bulk_create(breaches, ignore_conflicts=True)


def _hold_if_beyond(agency: Agency, at: datetime) -> None:
    """Stop a locked agency whose conduct went beyond what its market allows; what people were only told of comes back."""
    limits = limits_of(agency.market_id, local_date(at, agency.market.time_zone))
    if limits is None or agency.stopped_at is not None or find_hold(agency) is not None:
        return
    found = conduct_of([agency], at)[agency.pk]
    if is_beyond(found, limits):
        AgencyHold.objects.create(agency=agency, since=at, figures=asdict(found) | {"limits": asdict(limits)})
        take_back_coming(agency=agency, cause=Placement.CONDUCT, actor="", at=at)


def propose_restart(*, agency_id: uuid.UUID, reason: str, user: User, at: datetime) -> Proposal:
    """Propose that an agency that was stopped for its conduct gets debts again; nothing changes until another operator approves it."""
    require(user, MAY_MANAGE)
    return controls.propose(kind=RESTARTS, subject=str(agency_id), after={STOPPED: False}, reason=reason, starts_on=None, user=user, at=at)


def restart_agency(*, agency_id: uuid.UUID, proposal: uuid.UUID, at: datetime) -> AgencyHold:
    """Let an agency that was stopped for its conduct get debts again by an approved proposal; Conflict if it is not stopped."""
    with unit():
        agency = lock_agency(agency_id)
        held = find_hold(agency)
        if held is None:
            raise Changed(GOES_ON)
        held.ended_at, held.proposal = at, proposal
        held.save(update_fields=["ended_at", "proposal"])
    return held
