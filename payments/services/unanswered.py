"""Movements that wait too long for an answer are shown to a person: somebody waits for that money, or was perhaps charged."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.adjusting import value_of
from core.db import unit
from payments.models import Authorization, Break, Charge, Payout, Refund
from payments.queries import load_charges, load_payouts, load_refunds
from payments.services.authorizations import load_authorizations
from payments.services.breaks import close_breaks_about, open_breaks
from payments.services.recording import CHUNK, Movable, draft_of
from payments.settable import UNANSWERED
from payments.silence import still_waiting, undisputed
from payments.states import MOVEMENT_OPEN, BreakStatus
from payments.texts import ANSWERED

Load = Callable[[Sequence[UUID]], Sequence[Movable]]
KINDS: list[tuple[Any, Load]] = [
    (Charge, load_charges),
    (Refund, load_refunds),
    (Payout, load_payouts),
    (Authorization, load_authorizations),
]


def note_unanswered(*, at: datetime) -> int:
    """Open one break for each charge, refund, payout and hold that has had no answer for as long as the setting says; a timer.

    Close the breaks of movements that have an answer now. Return how many were opened and closed. Not included: a refund of a disputed
    charge, which is not sent before the bank has decided, and a movement with another open break.
    """
    since = at - timedelta(hours=value_of(UNANSWERED))
    return _close_answered(at) + sum(_open_for(ids, load, at) for model, load in KINDS for ids in _waiting(model, since))


def _waiting(model: Any, since: datetime) -> Iterator[list[UUID]]:
    """Yield the keys of movements that have waited at least since a moment, in batches."""
    found = model.objects.filter(status__in=MOVEMENT_OPEN, created_at__lte=since).order_by("created_at", "id")
    keys = list((undisputed(found) if model is Refund else found).values_list("id", flat=True))
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def _open_for(ids: Sequence[UUID], load: Load, at: datetime) -> int:
    drafts = {request.key: draft_of("unanswered", request) for request in load(ids)}
    told = Break.objects.filter(subject__in=list(drafts))
    known = set(told.filter(kind="unanswered").values_list("subject", flat=True))
    known |= set(told.filter(status=BreakStatus.OPEN).values_list("subject", flat=True))
    new = [draft for subject, draft in drafts.items() if subject not in known]
    with unit():
        open_breaks(drafts=new, at=at)
    return len(new)


def _close_answered(at: datetime) -> int:
    listed = set(Break.objects.filter(kind="unanswered", status=BreakStatus.OPEN).values_list("subject", flat=True))
    answered = listed - still_waiting(listed)
    with unit():
        close_breaks_about(subjects=answered, note=ANSWERED, actor="", at=at, kinds=["unanswered"])
    return len(answered)
