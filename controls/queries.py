"""Reads of proposals, assignments, and rules."""

import base64
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext

from controls.files import NamedFile
from controls.kinds import Kind, Person, Values, get_kind, list_kinds
from controls.models import Absence, Assignment, Proposal, RuleCase, RuleTrial, RuleVersion, SettingChange
from controls.states import PROPOSAL_OPEN, TRIAL_OPEN, ProposalStatus, RuleStatus, TrialStatus
from core.compiled import compiled
from core.db import rows
from core.errors import NotFound
from core.ids import parse_id
from core.moments import day_words
from core.sentences import told, translated
from core.states import words

_WITH = "SELECT 1 FROM controls_proposal WHERE status ="
PROPOSALS_OVER = f"EXISTS ({_WITH} '{ProposalStatus.PROPOSED}' AND expires_at <= %(at)s)"
"""SQL: whether a proposal was not decided in time."""
PROPOSALS_DUE = f"EXISTS ({_WITH} '{ProposalStatus.APPROVED}' AND due_at <= %(at)s AND trouble = '')"
"""SQL: whether the day of an approved proposal has come."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that a proposal changes, in words; `before` is empty if there was no value."""

    name: str
    before: str
    after: str


def get_proposal(proposal_id: uuid.UUID) -> Proposal:
    """Return a proposal; NotFound."""
    found = Proposal.objects.filter(id=proposal_id).first()
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def list_files(proposal: Proposal) -> list[NamedFile]:
    """Return the files that show that a proposal is right, in its order, without those that were deleted for their age; one query."""
    if not proposal.files:
        return []
    found = {one.sha256: one.content for one in proposal.contents.all()}
    named = [(one["name"], found.get(one["sha256"])) for one in proposal.files]
    return [NamedFile(name, base64.b64decode(content)) for name, content in named if content is not None]


def proposal_of(actor: str) -> Proposal:
    """Return the proposal named by an actor (`proposal:prp_...`); NotFound."""
    return get_proposal(parse_id(Proposal.PREFIX, actor.removeprefix("proposal:")))


def lock_proposal(proposal_id: uuid.UUID) -> Proposal:
    """Return a proposal, locked until the transaction ends; NotFound."""
    found = Proposal.objects.filter(id=proposal_id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def differences(proposal: Proposal) -> list[Difference]:
    """Return the changes of a proposal, in words, in the order of its values."""
    return differences_of(get_kind(proposal.kind), proposal.subject, proposal.before, proposal.after)


def changes_since(proposal: Proposal) -> list[Difference]:
    """Return how a proposal differs from the one that it replaces, in words; empty if it replaces none."""
    old = proposal.replaces
    if old is None:
        return []
    kind = get_kind(proposal.kind)
    values = differences_of(kind, proposal.subject, old.after, proposal.after)
    told = [
        (gettext("Day"), *(day_words(one.starts_on) if one.starts_on else gettext("At once") for one in (old, proposal))),
        (gettext("Reason"), old.reason, proposal.reason),
        (gettext("What shows it"), old.evidence, proposal.evidence),
        (gettext("Files"), *(", ".join(file["name"] for file in one.files) for one in (old, proposal))),
    ]
    return values + [Difference(name, before, after) for name, before, after in told if before != after]


def differences_of(kind: Kind, subject: str, before: Values, after: Values) -> list[Difference]:
    """Return the values that differ, in words, in the order of the kind."""
    found = []
    places = {name: place for place, name in enumerate(kind.order)}
    for name, value in sorted(after.items(), key=lambda one: places.get(one[0], len(places))):
        label, new = kind.words(subject, name, value)
        old = kind.words(subject, name, before[name])[1] if name in before else ""
        if old != new:
            found.append(Difference(label, old, new))
    return found


def troubles_of(proposal: Proposal) -> list[str]:
    """Return why a proposal could not be applied, in translated sentences; rows without `trouble_facts` have only their English text."""
    if not proposal.trouble_facts:
        return [translated(proposal.trouble)] if proposal.trouble else []
    kind = get_kind(proposal.kind)
    found = []
    for one in proposal.trouble_facts:
        name = one["name"]
        label = kind.words(proposal.subject, name, proposal.after[name])[0] if name in proposal.after else ""
        found.append(f"{label}: {told(one)}" if label else told(one))
    return found


def find_open_proposal(kind: str, subject: str) -> Proposal | None:
    """Return the proposal about a subject that may still have an effect, or None."""
    waiting = [ProposalStatus.PROPOSED, ProposalStatus.APPROVED]
    return Proposal.objects.filter(kind=kind, subject=subject, status__in=waiting).first()


def list_open_proposals(kind: str, subjects: Collection[str]) -> list[Proposal]:
    """Return the proposals of a kind about some subjects that may still have an effect; one query."""
    return list(Proposal.objects.filter(kind=kind, subject__in=subjects, status__in=PROPOSAL_OPEN).order_by("id"))


def open_subjects(kind: str, subjects: Collection[str]) -> set[str]:
    """Return those of some subjects about which a proposal of a kind may still have an effect; one query."""
    found = Proposal.objects.filter(kind=kind, subject__in=subjects, status__in=PROPOSAL_OPEN)
    return set(found.values_list("subject", flat=True))


def proposals_of(subject: str, kinds: Collection[str]) -> QuerySet[Proposal]:
    """Return the proposals about a subject, newest first."""
    return Proposal.objects.filter(kind__in=kinds, subject=subject).order_by("-id")


def kinds_decided_by(user: Person) -> list[Kind]:
    """Return the kinds of proposals that an operator may decide."""
    return [kind for kind in list_kinds() if user.may(kind.may_approve)]


def may_see_absences(user: Person) -> bool:
    """Return whether an operator may see who is away: operators who decide proposals, or assign tasks to others."""
    return bool(kinds_decided_by(user)) or user.may("controls.assign_task")


def absences_of(person: str) -> QuerySet[Absence]:
    """Return the absences of an operator that were not ended early."""
    return Absence.objects.filter(person=person, ended_at__isnull=True)


def absences_on(day: date) -> dict[str, Absence]:
    """Return the absences on a day (UTC), by the operator's key; one query."""
    return {one.person: one for one in Absence.objects.filter(ended_at__isnull=True, starts_on__lte=day, ends_on__gte=day)}


def lock_absence(absence_id: uuid.UUID) -> Absence:
    """Return an absence, locked until the transaction ends; NotFound."""
    found = Absence.objects.filter(id=absence_id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such absence.")
    return found


def may_see_proposals(user: Person) -> bool:
    """Return whether an operator's role includes proposals of any kind."""
    return user.may("controls.view_proposal") or any(user.may(kind.may_propose) or user.may(kind.may_approve) for kind in list_kinds())


def assignments(at: datetime) -> QuerySet[Assignment]:
    """Return the assignments in force at a time."""
    return Assignment.objects.filter(until__gt=at)


def find_assignment(kind: str, subject: str, at: datetime) -> Assignment | None:
    """Return who has a task at a time, or None."""
    return assignments(at).filter(kind=kind, subject=subject).first()


TRIALS_WAIT = f"EXISTS (SELECT 1 FROM controls_ruletrial WHERE status IN ({words(TRIAL_OPEN)}))"  # noqa: S608  (ours)
"""SQL: whether a trial of rules waits for a worker."""


def find_rules(kind: str) -> RuleVersion | None:
    """Return the version of a kind's rules in force, or None."""
    return RuleVersion.objects.filter(kind=kind, status=RuleStatus.LIVE).first()


def find_observed(kind: str) -> RuleVersion | None:
    """Return the version that is observed beside the one in force, or None."""
    return RuleVersion.objects.filter(kind=kind, status=RuleStatus.SHADOW).first()


def get_rules(kind: str, number: int) -> RuleVersion:
    """Return a version of a kind's rules; NotFound."""
    found = RuleVersion.objects.filter(kind=kind, number=number).first()
    if found is None:
        raise NotFound("There is no such version.")
    return found


def lock_rules(kind: str, number: int) -> RuleVersion:
    """Return a version, locked until the transaction ends; NotFound."""
    found = RuleVersion.objects.filter(kind=kind, number=number).select_for_update().first()
    if found is None:
        raise NotFound("There is no such version.")
    return found


def next_rules_number(kind: str) -> int:
    """Return the number of a kind's next version."""
    return int(RuleVersion.objects.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0) + 1


def list_rules(kind: str) -> QuerySet[RuleVersion]:
    """Return the versions of a kind, newest first."""
    return RuleVersion.objects.filter(kind=kind).order_by("-number")


def cases_of(kind: str, since: datetime, until: datetime) -> QuerySet[RuleCase]:
    """Return the cases of a kind between two times, oldest first."""
    return RuleCase.objects.filter(kind=kind, at__gte=since, at__lt=until).order_by("at", "id")


def find_case(kind: str, subject: str) -> RuleCase | None:
    """Return the newest case of a subject, or None if there is none."""
    return _newest_case.first(kind, subject)


@compiled
def _newest_case(kind: str, subject: str) -> QuerySet[RuleCase]:
    return RuleCase.objects.filter(kind=kind, subject=subject).order_by("-at")[:1]


def list_cases(subject: str, kinds: Collection[str]) -> QuerySet[RuleCase]:
    """Return the cases of a subject in some kinds, newest first."""
    return RuleCase.objects.filter(kind__in=kinds, subject=subject).order_by("-at", "-id")


def count_cases(since: datetime) -> dict[str, tuple[int, int]]:
    """Return the number of cases of each kind of rules since a time, and the number with an outcome; one query."""
    told = RuleCase.objects.filter(at__gte=since).values("kind").annotate(whole=Count("id"), some=Count("id", filter=~Q(outcome="")))
    return {one["kind"]: (one["whole"], one["some"]) for one in told.order_by()}


def count_findings(kind: str, number: int, since: datetime) -> dict[str, int]:
    """Return how often each rule of a version held since a time, by rule id."""
    told = rows(
        """SELECT found ->> 0, count(*) FROM controls_rulecase c, jsonb_array_elements(c.findings) AS found
        WHERE c.kind = %(kind)s AND c.at >= %(since)s AND c.version = %(number)s AND c.outcome <> '' GROUP BY 1""",
        {"kind": kind, "since": since, "number": number},
    )
    return dict(told)


def list_trials(version: RuleVersion) -> QuerySet[RuleTrial]:
    """Return the trials of a version, newest first."""
    return RuleTrial.objects.filter(version=version).order_by("-started_at")


def last_trial(version: RuleVersion) -> RuleTrial | None:
    """Return the last finished trial of a version's present rules, or None."""
    return list_trials(version).filter(status=TrialStatus.FINISHED, revision=version.revision).first()


def may_see_rules(user: Person) -> bool:
    """Return whether an operator's role includes rules."""
    return any(user.may(f"controls.{one}") for one in ("view_ruleversion", "propose_rules", "approve_rules"))


def observed_differences(kind: str, number: int) -> QuerySet[RuleCase]:
    """Return the cases in which an observed version decided differently from the one in force, newest first."""
    return RuleCase.objects.filter(kind=kind, observed=number).exclude(outcome=F("observed_outcome")).order_by("-at")


def lock_trial(trial_id: uuid.UUID) -> RuleTrial:
    """Return a trial, locked until the transaction ends."""
    return RuleTrial.objects.select_for_update().get(id=trial_id)


def get_trial(trial_id: uuid.UUID) -> RuleTrial:
    """Return a trial with its version; NotFound."""
    found = RuleTrial.objects.select_related("version").filter(id=trial_id).first()
    if found is None:
        raise NotFound("There is no such trial.")
    return found


def may_see_settings(user: Person) -> bool:
    """Return whether an operator's role includes settings."""
    return any(user.may(f"controls.{one}") for one in ("view_settingchange", "change_setting", "propose_setting", "approve_setting"))


def newest_changes() -> dict[str, SettingChange]:
    """Return the newest change of each setting that was ever changed, by name; one query."""
    return {one.name: one for one in SettingChange.objects.order_by("name", "-id").distinct("name")}


def list_changes(name: str) -> QuerySet[SettingChange]:
    """Return the changes of a setting, newest first."""
    return SettingChange.objects.filter(name=name).order_by("-id")


def open_proposals(kind: str) -> dict[str, Proposal]:
    """Return the proposals of a kind that may still have an effect, by subject."""
    return {one.subject: one for one in Proposal.objects.filter(kind=kind, status__in=PROPOSAL_OPEN)}
