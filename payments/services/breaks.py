"""Breaks: problems with money at a gateway that a person has to look into. The failure opens a break; a person closes it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.db import unit
from core.errors import Conflict, Invalid
from core.ids import parse_id
from core.sentences import Sentence
from payments.models import Break, Refund
from payments.queries import is_unpaid, lock_break
from payments.silence import still_waiting
from payments.states import BreakStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakDraft:
    """A break to open: its kind, the movement (`subject`), what that movement was for (`reference`), and the amount asked for.

    `number` counts the breaks of one kind about one movement, if there may be more than one.
    """

    kind: str
    subject: str
    reference: str
    gateway: str
    amount_minor: int
    currency: str
    detail: dict[str, Any] = field(default_factory=dict)
    number: int = 0


def open_breaks(*, drafts: Sequence[BreakDraft], at: datetime) -> None:
    """Open breaks in the caller's transaction; a break that already exists, open or closed, is not changed."""
    rows = [
        Break(
            kind=draft.kind,
            number=draft.number,
            subject=draft.subject,
            reference=draft.reference,
            gateway=draft.gateway,
            amount_minor=draft.amount_minor,
            currency=draft.currency,
            detail=draft.detail,
            opened_at=at,
        )
        for draft in drafts
    ]
    if rows:
        Break.objects.bulk_create(rows, ignore_conflicts=True)


def once_more(draft: BreakDraft) -> BreakDraft:
    """Return the draft with the next number of its kind and movement, for a problem that can occur again."""
    return replace(draft, number=Break.objects.filter(kind=draft.kind, subject=draft.subject).count())


def close_break(*, break_id: uuid.UUID, note: str, actor: str, at: datetime) -> Break:
    """Close a break with a note about what was found.

    Invalid without a note; Conflict if it is closed, if its refund is still owed, or if its movement still has no answer.
    """
    if not note.strip():
        raise Invalid("Say what you found.", fields={"note": Sentence("say what you found")})
    with unit():
        found = lock_break(break_id)
        if found.status != BreakStatus.OPEN:
            raise Conflict("Somebody has closed this meanwhile.", code="payments.break_closed")
        if found.kind == "refund_failed" and is_unpaid(parse_id(Refund.PREFIX, found.subject)):
            raise Conflict("The person is owed this. It closes by itself when it is paid.", code="payments.refund_unpaid")
        if found.kind == "unanswered" and still_waiting([found.subject]):
            raise Conflict("There is no answer yet. This closes by itself when there is one.", code="payments.movement_unanswered")
        _close(found, note.strip(), actor, at)
    return found


def close_breaks_about(*, subjects: Collection[str], note: str, actor: str, at: datetime, kinds: Collection[str] = ()) -> None:
    """Close the open breaks about some movements, all or those of some kinds, in the caller's transaction, once the problem is solved."""
    about = Break.objects.filter(subject__in=list(subjects), status=BreakStatus.OPEN)
    for found in (about.filter(kind__in=list(kinds)) if kinds else about).order_by("id").select_for_update(skip_locked=True):
        _close(found, note, actor, at)


def _close(found: Break, note: str, actor: str, at: datetime) -> None:
    found.close()
    found.note, found.closed_by, found.closed_at = note, actor, at
    found.save(update_fields=["status", "note", "closed_by", "closed_at"])
