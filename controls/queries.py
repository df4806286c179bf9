"""Reads of proposals and assignments."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from controls.kinds import Kind, Person, Values, get_kind, list_kinds
from controls.models import Assignment, Proposal
from controls.states import ProposalStatus
from core.errors import NotFound
from core.sentences import told, translated

_WITH = "SELECT 1 FROM controls_proposal WHERE status ="
PROPOSALS_OVER = f"EXISTS ({_WITH} '{ProposalStatus.PROPOSED}' AND expires_at <= %(at)s)"
"""Whether a proposal was not decided in time."""
PROPOSALS_DUE = f"EXISTS ({_WITH} '{ProposalStatus.APPROVED}' AND due_at <= %(at)s AND trouble = '')"
"""Whether the day of an approved proposal has come."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that a proposal changes, in words; `before` is empty where there was none."""

    name: str
    before: str
    after: str


def get_proposal(proposal_id: uuid.UUID) -> Proposal:
    """Return a proposal; NotFound."""
    found = Proposal.objects.filter(id=proposal_id).first()
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def lock_proposal(proposal_id: uuid.UUID) -> Proposal:
    """Return a proposal, locked until the transaction ends; NotFound."""
    found = Proposal.objects.filter(id=proposal_id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def differences(proposal: Proposal) -> list[Difference]:
    """Return what a proposal changes, in words, in the order of its values."""
    return differences_of(get_kind(proposal.kind), proposal.subject, proposal.before, proposal.after)


def differences_of(kind: Kind, subject: str, before: Values, after: Values) -> list[Difference]:
    """Return which values of a subject differ, in words, in the order of those after."""
    found = []
    for name, value in after.items():
        label, new = kind.words(subject, name, value)
        old = kind.words(subject, name, before[name])[1] if name in before else ""
        if old != new:
            found.append(Difference(label, old, new))
    return found


def troubles_of(proposal: Proposal) -> list[str]:
    """Return why a proposal could not be applied, in sentences in the present language; rows from before facts were kept have their own."""
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


def proposals_of(subject: str, kinds: Collection[str]) -> QuerySet[Proposal]:
    """Return the proposals about a subject, newest first."""
    return Proposal.objects.filter(kind__in=kinds, subject=subject).order_by("-id")


def waiting_proposals(user: Person) -> QuerySet[Proposal]:
    """Return the proposals that wait for people and that an operator may decide or has made: undecided ones, and ones with trouble."""
    kinds = [kind.name for kind in list_kinds() if user.may(kind.may_approve) or user.may(kind.may_propose)]
    waiting = Q(status=ProposalStatus.PROPOSED) | (Q(status=ProposalStatus.APPROVED) & ~Q(trouble=""))
    return Proposal.objects.filter(waiting, kind__in=kinds)


def may_see_proposals(user: Person) -> bool:
    """Return whether an operator's role includes proposals of any kind."""
    return user.may("controls.view_proposal") or any(user.may(kind.may_propose) or user.may(kind.may_approve) for kind in list_kinds())


def assignments(at: datetime) -> QuerySet[Assignment]:
    """Return the assignments that hold at a moment."""
    return Assignment.objects.filter(until__gt=at)


def find_assignment(kind: str, subject: str, at: datetime) -> Assignment | None:
    """Return who has a task at a moment, or None where nobody has it."""
    return assignments(at).filter(kind=kind, subject=subject).first()
