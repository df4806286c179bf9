"""Held orders whose person is checked: they go on, or end, as soon as the check has ended, without telling anybody what it was."""

from datetime import datetime
from uuid import UUID

from checkout.checking import ENDED, IS_STOPPED
from checkout.queries import lock_review
from checkout.services.held_orders import authorize_reviewed, end_review, release_reviewed
from core.db import rows, unit

CHUNK = 100
REASON = "The check of the person ended"


def end_checks(*, at: datetime) -> int:
    """Let held orders go on whose check has ended: approved if no other cause holds them, rejected if the person is stopped; a timer.

    Return how many checks ended. Orders with other causes still wait for two people.
    """
    found = rows(f"SELECT r.id, {IS_STOPPED} {ENDED} ORDER BY r.id LIMIT {CHUNK}")
    return sum(_end(review_id, at, is_stopped=is_stopped) for review_id, is_stopped in found)


def _end(review_id: UUID, at: datetime, *, is_stopped: bool) -> bool:
    with unit():
        review = lock_review(review_id)
        # Another process may have ended it, or another match may have come since.
        if not review.is_open or review.checked or not rows(f"SELECT 1 {ENDED} AND r.id = %s", [review_id]):
            return False
        if is_stopped:
            review.checked = "stopped"
            review.refuse()
        elif review.answer_checks():
            review.clear()
        else:
            review.save()
            return True
        end_review(review, REASON, at)
        act = release_reviewed if is_stopped else authorize_reviewed
        act(review, at)
    return True
