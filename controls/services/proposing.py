"""Proposals: made by one person, decided by another, applied exactly once on their day."""

import logging
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from controls.errors import AlreadyProposed, Changed, Decided, OnePerson, Unsigned
from controls.events import ChangeProposed, ProposalExpired
from controls.files import NamedFile, check_files
from controls.kinds import Kind, Person, Values, find_person, get_kind, may_be_one_person
from controls.models import SIGNED, EvidenceFile, Proposal
from controls.proofs import brought
from controls.queries import find_open_proposal, get_proposal, list_files, lock_proposal
from controls.signing import fits, signature_of
from controls.states import ProposalStatus
from core.clock import day_begins, local_date
from core.db import unit, wait_lock
from core.errors import DomainError, Forbidden, Invalid, refuse, require, why_fault
from core.outbox import append
from core.sentences import Sentence, kept

log = logging.getLogger("bnpl.controls")
VALID = timedelta(days=14)
"""The time within which another person must decide."""
FAILED = gettext_noop("The program failed on it. The log tells more.")
"""The trouble of a proposal that failed with an unexpected error; like every trouble, it is translated when shown."""
CHUNK = 100
LONGEST_EVIDENCE = 2000
FARTHEST = timedelta(days=366)


def propose(
    *,
    kind: str,
    subject: str,
    after: Values,
    reason: str,
    starts_on: date | None,
    user: Person,
    at: datetime,
    evidence: str = "",
    files: Sequence[NamedFile] = (),
    replaces: uuid.UUID | None = None,
) -> Proposal:
    """Propose a change; nothing changes until another person has agreed and its day has come.

    `starts_on` is a date in the subject's time zone, None for a change at once. `evidence` and `files` support the change; by default they
    are what the person brought (`controls.proofs`). `replaces` is an open proposal that is withdrawn in favor of this one; its signature
    does not carry over. Forbidden without the kind's permission; Invalid names a value that is not allowed; AlreadyProposed while another
    proposal about the subject is open.
    """
    chosen = get_kind(kind)
    if replaces is None and not (evidence or files):
        evidence, files = (proof := brought()).text, proof.files
    require(as_is(user), chosen.may_propose)
    chosen.refuse_person(subject, after, as_is(user))
    refuse({"reason": why_fault(reason), "starts_on": _day_fault(chosen, subject, starts_on, at), "evidence": _evidence_fault(evidence)})
    check_files(files)
    with unit():
        wait_lock(f"proposal {kind} {subject}")
        if replaces is not None:
            withdraw_proposal(proposal_id=replaces, user=user, at=at)
        if find_open_proposal(kind, subject) is not None:
            raise AlreadyProposed("Something is proposed for this already. It has to be decided or withdrawn first.")
        chosen.check(subject, after, starts_on)
        before = chosen.current(subject, after, starts_on)
        if all(name in before and before[name] == value for name, value in after.items()):
            raise Invalid("Nothing would change.", code="controls.nothing_changes")
        made = Proposal(
            kind=kind,
            subject=subject,
            before=before,
            after=dict(after),
            reason=reason.strip()[:500],
            evidence=evidence.strip(),
            files=[one.told() for one in files],
            replaces_id=replaces,
            starts_on=starts_on,
            due_at=_due(chosen, subject, starts_on, at),
            needs=chosen.may_approve,
            proposed_by=str(user.pk),
            proposed_at=at,
            expires_at=at + VALID,
        )
        made.save(force_insert=True)
        for one in files:
            EvidenceFile(proposal=made, sha256=one.sha256, content=one.text, added_at=at).save(force_insert=True)
        append(ChangeProposed(proposal=made.public_id), at=at)
    return made


def _day_fault(kind: Kind, subject: str, starts_on: date | None, at: datetime) -> str:
    if starts_on is None:
        return ""
    today = local_date(at, kind.zone(subject))
    if starts_on < today:
        return Sentence("is in the past")
    return Sentence("is more than a year away") if starts_on > today + FARTHEST else ""


def _evidence_fault(evidence: str) -> str:
    return Sentence("is too long") if len(evidence.strip()) > LONGEST_EVIDENCE else ""


def replace_proposal(
    *,
    proposal_id: uuid.UUID,
    after: Values,
    reason: str,
    evidence: str,
    files: Sequence[NamedFile] = (),
    starts_on: date | None,
    user: Person,
    at: datetime,
) -> Proposal:
    """Replace an open proposal with a changed one, whose proposer is the person who changed it; Decided, Invalid.

    An approval of the old proposal does not count for the new one.
    """
    old = get_proposal(proposal_id)
    told = (old.after, old.reason, old.evidence, [one["sha256"] for one in old.files], old.starts_on)
    if (dict(after), reason.strip(), evidence.strip(), [one.sha256 for one in files], starts_on) == told:
        raise Invalid("Nothing would change.", code="controls.nothing_changes")
    given: dict[str, Any] = {"after": after, "reason": reason, "evidence": evidence, "files": files, "starts_on": starts_on}
    return propose(kind=old.kind, subject=old.subject, **given, user=user, at=at, replaces=old.pk)


def _due(kind: Kind, subject: str, starts_on: date | None, at: datetime) -> datetime:
    return day_begins(starts_on, kind.zone(subject)) if starts_on and kind.on_its_day else at


def approve_proposal(*, proposal_id: uuid.UUID, user: Person, note: str = "", at: datetime) -> Proposal:
    """Approve a proposal as the second person; it is applied in the same commit if its day has come.

    Decided if it is no longer open; OnePerson for its proposer; Changed if the present values are no longer those of the proposal.
    """
    with unit():
        proposal, kind = _decidable(proposal_id, user, at)
        _still_proposed(proposal, kind)
        _same_as_proposed(proposal, kind)
        proposal.approve()
        _sign(proposal, user, note, at)
        proposal.save(update_fields=["status", *SIGNED])
        if proposal.due_at <= at:
            _carry_out(proposal, kind, at)
    return proposal


def reject_proposal(*, proposal_id: uuid.UUID, user: Person, note: str, at: datetime) -> Proposal:
    """Reject a proposal with a reason, as the second person; nothing changes."""
    refuse({"note": why_fault(note)})
    with unit():
        proposal, _kind = _decidable(proposal_id, user, at)
        proposal.reject()
        _sign(proposal, user, note, at)
        proposal.ended_by, proposal.ended_at = str(user.pk), at
        proposal.save(update_fields=["status", *SIGNED, "ended_by", "ended_at"])
    return proposal


def withdraw_proposal(*, proposal_id: uuid.UUID, user: Person, at: datetime) -> Proposal:
    """Withdraw a proposal before it has an effect; allowed for its proposer, and for everybody who may propose such a change."""
    with unit():
        proposal = lock_proposal(proposal_id)
        require(as_is(user), get_kind(proposal.kind).may_propose)
        if not proposal.is_open:
            raise _decided(proposal)
        proposal.withdraw()
        _end(proposal, str(user.pk), at)
    return proposal


def retry_proposal(*, proposal_id: uuid.UUID, user: Person, at: datetime) -> Proposal:
    """Apply again an approved proposal that could not be applied on its day; the error says why it still cannot."""
    with unit():
        proposal = lock_proposal(proposal_id)
        kind = get_kind(proposal.kind)
        require(as_is(user), kind.may_approve)
        if proposal.status != ProposalStatus.APPROVED or proposal.due_at > at:
            raise _decided(proposal)
        _carry_out(proposal, kind, at)
    return proposal


def expire_proposals(*, at: datetime) -> int:
    """End the proposals that nobody decided in time; return how many. Run by a timer."""
    with unit():
        over = Proposal.objects.filter(status=ProposalStatus.PROPOSED, expires_at__lte=at).order_by("expires_at")
        found = list(over.select_for_update(skip_locked=True)[:CHUNK])
        for proposal in found:
            proposal.expire()
            _end(proposal, "expiry", at)
            append(ProposalExpired(proposal=proposal.public_id), at=at)
    return len(found)


def apply_proposals(*, at: datetime) -> int:
    """Apply the approved proposals whose day has come; return how many were applied. Run by a timer.

    Each is a commit of its own. One that cannot be applied stores the reason and waits for people.
    """
    due = Proposal.objects.filter(status=ProposalStatus.APPROVED, due_at__lte=at, trouble="").order_by("due_at", "id")
    return sum(_apply_one(key, at) for key in due.values_list("id", flat=True)[:CHUNK])


def _apply_one(proposal_id: uuid.UUID, at: datetime) -> bool:
    try:
        with unit():
            proposal = Proposal.objects.filter(id=proposal_id, status=ProposalStatus.APPROVED).select_for_update(skip_locked=True).first()
            if proposal is None:
                return False
            _carry_out(proposal, get_kind(proposal.kind), at)
    except DomainError as error:
        trouble, facts = error.detail, [{"name": name} | kept(sentence) for name, sentence in error.sentences.items()]
    except Exception:
        log.exception("a proposal cannot be applied: %s", proposal_id)
        trouble, facts = FAILED, [{"name": ""} | kept(FAILED)]
    else:
        return True
    with unit():
        waiting = lock_proposal(proposal_id)
        if waiting.status == ProposalStatus.APPROVED:
            waiting.trouble, waiting.trouble_facts = trouble[:500], facts
            waiting.save(update_fields=["trouble", "trouble_facts"])
    return False


def _carry_out(proposal: Proposal, kind: Kind, at: datetime) -> None:
    """Apply a locked, approved proposal; its effect and its end are one commit."""
    if not fits(proposal):
        raise Unsigned("Nobody's approval of this can be verified. Withdraw it, and propose it anew.")
    _same_as_proposed(proposal, kind)
    proposal.outcome = kind.carry_out(
        subject=proposal.subject,
        after=proposal.after,
        starts_on=proposal.starts_on,
        actor=f"proposal:{proposal.public_id}",
        at=at,
    )[:80]
    proposal.apply()
    _end(proposal, proposal.decided_by, at)


def as_is(user: Person) -> Person:
    """Return an operator with their present rights, since those read earlier may be gone; Forbidden if they have left."""
    found = find_person(str(user.pk))
    if found is None:
        raise Forbidden("You may not do this.")
    return found


def _sign(proposal: Proposal, user: Person, note: str, at: datetime) -> None:
    proposal.decided_by, proposal.decided_at, proposal.note = str(user.pk), at, note.strip()[:500]
    proposal.signature = signature_of(proposal)


def _still_proposed(proposal: Proposal, kind: Kind) -> None:
    """Refuse to approve a proposal that its proposer could no longer make; Changed."""
    maker = find_person(proposal.proposed_by)
    if maker is None or not _may_propose(maker, proposal, kind):
        raise Changed("Whoever proposed this has left, or may not propose it any more. Somebody else has to propose it.")


def _may_propose(maker: Person, proposal: Proposal, kind: Kind) -> bool:
    try:
        require(maker, kind.may_propose)
        kind.refuse_person(proposal.subject, proposal.after, maker)
    except Forbidden:
        return False
    return True


def _same_as_proposed(proposal: Proposal, kind: Kind) -> None:
    _same_files(proposal)
    kind.check(proposal.subject, proposal.after, proposal.starts_on)
    if kind.current(proposal.subject, proposal.after, proposal.starts_on) != proposal.before:
        raise Changed("What this would change is not as it was when it was proposed. Withdraw it, and propose it anew.")


def _same_files(proposal: Proposal) -> None:
    """Refuse a proposal whose files are not those that were proposed; Changed."""
    if {one.sha256 for one in list_files(proposal)} != {one["sha256"] for one in proposal.files}:
        raise Changed("A file that shows this is not the one that was proposed. Withdraw it, and propose it anew.")


def _decidable(proposal_id: uuid.UUID, user: Person, at: datetime) -> tuple[Proposal, Kind]:
    """Lock a proposal and return it with its kind, if this person may decide it now."""
    proposal = lock_proposal(proposal_id)
    kind = get_kind(proposal.kind)
    require(as_is(user), kind.may_approve)
    kind.refuse_person(proposal.subject, proposal.after, as_is(user))
    if proposal.status != ProposalStatus.PROPOSED:
        raise _decided(proposal)
    if proposal.expires_at <= at:
        raise Decided("Nobody decided this in time. Propose it anew.")
    if proposal.proposed_by == str(user.pk):
        raise OnePerson("You proposed this, so another person has to decide.")
    if may_be_one_person(proposal.proposed_by, str(user.pk), at=at):
        raise OnePerson("The account that proposed this and yours were made or changed by one person lately; a third has to decide.")
    return proposal, kind


def _decided(proposal: Proposal) -> Decided:
    told = {
        ProposalStatus.PROPOSED: Decided("Nobody has decided this yet."),
        ProposalStatus.APPROVED: Decided("Somebody has approved this already."),
        ProposalStatus.APPLIED: Decided("This holds already."),
        ProposalStatus.REJECTED: Decided("Somebody has rejected this already."),
        ProposalStatus.WITHDRAWN: Decided("Somebody has withdrawn this already."),
        ProposalStatus.EXPIRED: Decided("Nobody decided this in time. Propose it anew."),
    }
    return told[ProposalStatus(proposal.status)]


def _end(proposal: Proposal, by: str, at: datetime) -> None:
    proposal.ended_by, proposal.ended_at, proposal.trouble, proposal.trouble_facts = by, at, "", []
    proposal.save(update_fields=["status", "ended_by", "ended_at", "trouble", "trouble_facts", "outcome"])
