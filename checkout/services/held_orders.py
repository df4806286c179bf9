"""Held orders: one person prepares, a different one approves or rejects with a reason."""

import uuid
from datetime import datetime, timedelta

from accounts.models import User
from accounts.queries import may_be_one_person
from accounts.screening.guards import unless_stopped
from accounts.screening.queries import standing_of
from checkout import rules
from checkout.errors import PreparedAnew, SamePerson, WrongState
from checkout.events import OrderApproved, OrderRejected, OrderReviewDelayed, OrderReviewPrepared
from checkout.models import Order, OrderReview
from checkout.queries import lock_review, urgent_percents
from checkout.services.authorizing import order_authorized
from checkout.services.capturing import capture_locked
from checkout.services.changes import record_change
from checkout.services.ending import release_locked
from checkout.states import REVIEW_OPEN
from core.db import unit
from core.errors import refuse, require
from core.outbox import append
from core.sentences import Sentence, status_word
from credit.services import close_referral
from plans import services as plans
from plans.queries import lock_plan

MAY_PREPARE = "checkout.prepare_review"
MAY_DECIDE = "checkout.decide_review"


def prepare_review(*, review_id: uuid.UUID, user: User, recommendation: str, note: str, at: datetime) -> OrderReview:
    """Record one operator's finding and recommendation (`approve` or `reject`); it may be replaced until a decision."""
    require(user, MAY_PREPARE)
    refuse(
        {
            "recommendation": "" if recommendation in {"approve", "reject"} else Sentence("approve or reject"),
            "note": "" if note.strip() else Sentence("say what you found"),
        }
    )
    with unit():
        review = _waiting(review_id)
        review.prepare(user)
        review.prepared_at, review.prepared_note, review.recommendation = at, note.strip(), recommendation
        review.save()
        append(OrderReviewPrepared(order=review.order.public_id, merchant=review.order.merchant.public_id), at=at)
    return review


def approve_review(*, review_id: uuid.UUID, user: User, seen: int, reason: str, at: datetime) -> OrderReview:
    """Approve a prepared held order; the order is authorized from now on. Only for another person than the preparer.

    `seen` is the version of the preparation that the person has read; Conflict `review.prepared_anew` if there is a newer one.
    """
    require(user, MAY_DECIDE)
    with unless_stopped(_being_checked()), unit():
        _close_referral(review_id, "approve", user, at)
        review = _decidable(review_id, user, seen, reason, at)
        if review.waits_for_check or standing_of(review.order.consumer).is_stopped:
            raise _being_checked()
        review.approve(user)
        end_review(review, reason.strip(), at)
        authorize_reviewed(review, at)
    return review


def _being_checked() -> WrongState:
    return WrongState("A check of the person has not ended yet. You can approve this order when it has.", code="review.being_checked")


def reject_review(*, review_id: uuid.UUID, user: User, seen: int, reason: str, at: datetime) -> OrderReview:
    """Reject a prepared held order; everything that the order held is released. Only for another person than the preparer.

    `seen` is the version of the preparation that the person has read; Conflict `review.prepared_anew` if there is a newer one.
    """
    require(user, MAY_DECIDE)
    with unit():
        _close_referral(review_id, "decline", user, at)
        review = _decidable(review_id, user, seen, reason, at)
        review.reject(user)
        end_review(review, reason.strip(), at)
        release_reviewed(review, at)
    return review


def _close_referral(review_id: uuid.UUID, outcome: str, user: User, at: datetime) -> None:
    """End the data source's own review of a held order. Call it before the order is locked: the review is locked first."""
    decision_id = OrderReview.objects.filter(id=review_id).values_list("order__decision_id", flat=True).first()
    if decision_id is not None:
        close_referral(decision_id=decision_id, outcome=outcome, at=at, actor=str(user.pk))


def resolve_referral(*, decision_id: uuid.UUID, outcome: str, at: datetime) -> int:
    """Apply the result of the data source's own review (`approve` or `decline`) to referred orders; return how many it decided.

    `decline` ends an order. An approval answers only the cause that the source raised: an order with other causes (its amount, its basket,
    a fraud alert) still waits for two people.
    """
    waiting = OrderReview.objects.filter(order__decision_id=decision_id, status__in=REVIEW_OPEN)
    ids = list(waiting.values_list("id", flat=True))
    with unit():
        return sum(_carry_out(lock_review(review_id), outcome, at) for review_id in ids)


def _carry_out(review: OrderReview, outcome: str, at: datetime) -> bool:
    """Apply the data source's result to a locked review; return whether the review is then decided."""
    if not review.is_open:
        return False
    review.source_review, review.source_reviewed_at = outcome, at
    decided = outcome == "decline" or review.answer_source()
    if not decided:
        review.save()
        return False
    if outcome == "decline":
        review.refuse()
    else:
        review.clear()
    end_review(review, "The data source's own review", at)
    act = release_reviewed if outcome == "decline" else authorize_reviewed
    act(review, at)
    return True


def press_reviews(*, at: datetime) -> int:
    """Raise the urgency of undecided held orders after the percentages of their time in the settings, and publish it. Run by a timer.

    Operators and the consumer are notified once per step. Returns how many became more urgent.
    """
    waiting = OrderReview.objects.filter(status__in=REVIEW_OPEN, urgency__lt=rules.MOST_URGENT, order__expires_at__gt=at)
    told = waiting.order_by("order__expires_at").values_list("id", "created_at", "order__expires_at", "urgency")
    percents = urgent_percents()
    late = [
        key
        for key, created, ends, known in told
        if ends and rules.urgency(created_at=created, expires_at=ends, at=at, percents=percents) > known
    ]
    return sum(_press(review_id, at) for review_id in late)


def _press(review_id: uuid.UUID, at: datetime) -> bool:
    with unit():
        review = lock_review(review_id)
        if not review.is_open or review.order.expires_at is None:
            return False
        urgency = rules.urgency(created_at=review.created_at, expires_at=review.order.expires_at, at=at, percents=urgent_percents())
        if urgency <= review.urgency:
            return False
        review.urgency = urgency
        review.save(update_fields=["urgency"])
        append(OrderReviewDelayed(order=review.order.public_id, merchant=review.order.merchant.public_id, urgency=urgency), at=at)
    return True


def _waiting(review_id: uuid.UUID) -> OrderReview:
    review = lock_review(review_id)
    if not review.is_open:
        raise WrongState(Sentence("This order is already %(status)s.", status=status_word(review.status)), code="review.decided")
    return review


def _decidable(review_id: uuid.UUID, user: User, seen: int, reason: str, at: datetime) -> OrderReview:
    refuse({"reason": "" if reason.strip() else Sentence("give a reason")})
    review = _waiting(review_id)
    if review.prepared_by is None:
        raise WrongState("Somebody has to prepare this order first.", code="review.not_prepared")
    if review.prepared_by.pk == user.pk:
        raise SamePerson("You prepared this order; another person has to decide.")
    if may_be_one_person(str(review.prepared_by.pk), str(user.pk), at=at):
        raise SamePerson("The account that prepared this order and yours were made or changed by one person lately; a third has to decide.")
    if review.version != seen:
        raise PreparedAnew("This order was prepared anew since you looked. Read the new preparation, then decide.")
    return review


def end_review(review: OrderReview, reason: str, at: datetime) -> None:
    """Write a decided review before its order: the database allows the order's change only then."""
    review.decided_at, review.decision_reason = at, reason
    review.save()


def authorize_reviewed(review: OrderReview, at: datetime) -> None:
    """Authorize the order of a review that was approved, in the caller's transaction."""
    order = review.order
    order.approve()
    order.authorized_at, order.expires_at = at, at + timedelta(days=order.merchant.authorization_days)
    order.save(update_fields=["status", "authorized_at", "expires_at"])
    told = OrderApproved(order=order.public_id, merchant=order.merchant.public_id, consumer=order.consumer.public_id)
    record_change(order, "approved", actor="review", at=at)
    append(told, order_authorized(order), at=at)
    if order.deposit_minor:
        plans.ready_deposit(plan=lock_plan(order.plan_id), at_once=order.capture == "automatic", at=at)
    elif order.capture == "automatic":
        capture_locked(order=order, amount_minor=order.amount_minor, actor="automatic", at=at)


def release_reviewed(review: OrderReview, at: datetime) -> None:
    """Reject the order of a review that was rejected, in the caller's transaction, and release what it held."""
    order: Order = review.order
    order.reject()
    rest = release_locked(order=order, actor="review", at=at)
    record_change(order, "rejected", actor="review", at=at, amount_minor=rest)
    append(OrderRejected(order=order.public_id, merchant=order.merchant.public_id, consumer=order.consumer.public_id), at=at)
