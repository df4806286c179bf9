"""Reads of messages, and of the rows that their texts need, in a few statements for any number of messages."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q, QuerySet

from accounts.models import Consumer, User
from accounts.queries import operators
from checkout.models import Order, OrderReview, Refund
from checkout.services.held_orders import MAY_DECIDE, MAY_PREPARE
from controls.kinds import get_kind
from controls.models import Proposal
from core.clock import wall
from core.compiled import compiled
from core.db import rows
from core.errors import NotFound
from core.ids import parse_id
from core.unreadable import listing
from credit.models import Decision
from merchants.models import Merchant
from notifications.models import Message, Notice, PaperLetter
from notifications.states import MessageStatus
from payments.models import Charge, PaymentMethod
from payments.models import Refund as PaidBack
from plans.documents.reading import Paper
from plans.models import Installment, Plan
from plans.queries import get_plan, list_installments

NOTICE_KINDS = ("application_refused", "order_rejected", "limit_cut")
"""The kinds of messages whose text is kept as it was sent."""
PEOPLE = ("prepared_by", "approved_by", "rejected_by")
PAGE = 25
MOST_UNREAD = 100


KEPT = f"""(EXISTS (SELECT 1 FROM notifications_message m WHERE m.consumer_id = c.id AND m.status = '{MessageStatus.QUEUED}')
    OR EXISTS (SELECT 1 FROM notifications_notice n WHERE n.consumer_id = c.id AND n.keep_until > %(at)s))"""  # noqa: S608
"""Whether a message to a consumer `c` is still to be sent, or a notice of a refusal must be kept (`accounts.erasure`)."""
MESSAGES_WAIT = (
    f"EXISTS (SELECT 1 FROM notifications_message WHERE status = '{MessageStatus.QUEUED}' AND not_before <= %(at)s AND next_at <= %(wall)s)"  # noqa: S608
)
"""Whether a message is due."""


@dataclass(frozen=True, slots=True)
class Named:
    """The rows that the contexts of a batch of messages name, by public id."""

    merchants: dict[str, str]
    orders: dict[str, Order]
    reviews: dict[str, OrderReview]
    installments: dict[str, list[Installment]]
    decisions: dict[str, Decision]
    cards: dict[str, PaymentMethod]
    refunds: dict[str, Refund]
    notices: dict[str, Notice]


def get_sent(message_id: uuid.UUID, consumer: Consumer) -> Message:
    """Return an e-mail or SMS of a consumer; NotFound."""
    found = Message.objects.filter(id=message_id, consumer=consumer).exclude(channel="inbox").first()
    if found is None:
        raise NotFound("There is no such message.")
    return found


def find_notice(kind: str, subject: str) -> Notice | None:
    """Return the kept notice about a subject (a public id), or None."""
    return Notice.objects.select_related("consumer").filter(kind=kind, subject=subject).first()


def get_notice(kind: str, subject: str) -> Notice:
    """Return the kept notice about a subject; DoesNotExist."""
    return Notice.objects.select_related("consumer").get(kind=kind, subject=subject)


def access_notice(public_id: str, consumer: Consumer) -> Notice:
    """Return one of a consumer's own notices; NotFound for another's, and for one that is no longer kept."""
    found = Notice.objects.filter(pk=parse_id(Notice.PREFIX, public_id), consumer=consumer).first()
    if found is None:
        raise NotFound("There is no such notice.")
    return found


def paper_of(notice: Notice) -> Paper:
    """Return the text of a kept notice, as it was sent; Unreadable parts raise, as for any value of an erased person."""
    return Paper(**notice.paper)


def notices_about(subjects: Collection[str]) -> list[Notice]:
    """Return the kept notices about some subjects (public ids), the newest first; one query."""
    return list(Notice.objects.filter(kind__in=NOTICE_KINDS, subject__in=subjects).order_by("-id"))


def list_notices(consumer: Consumer, limit: int = 100) -> list[Notice]:
    """Return a consumer's kept notices, the newest first; one query."""
    return list(Notice.objects.filter(consumer=consumer).order_by("-id")[:limit])


def load_named(messages: Sequence[Message]) -> Named:
    """Load the rows that messages without stored facts name, and kept notices; at most nine statements, none if no rows are named."""
    kept = _keys(Notice.PREFIX, (message.context["kept"] for message in messages if "kept" in message.context))
    messages = [message for message in messages if not message.facts]
    told = [message.context for message in messages]
    orders = _keys("ord", (c["order"] for c in told if "schedule" in c))
    reviews = _keys("ord", (c["order"] for message, c in zip(messages, told, strict=True) if is_about_review(message)))
    merchants = _keys("mer", (c["merchant"] for c in told if "merchant" in c))
    plans = _keys("pln", (c["plan"] for c in told if "plan" in c))
    decisions = _keys("dec", (c["decision"] for c in told if "decision" in c))
    refunds = _keys(Refund.PREFIX, (c["refund"] for c in told if "refund" in c))
    cards = _keys(PaymentMethod.PREFIX, (c["card"] for c in told if "card" in c))
    return Named(
        merchants={m.public_id: m.name for m in Merchant.objects.filter(id__in=merchants).only("name")} if merchants else {},
        orders={o.public_id: o for o in _agreed(orders)} if orders else {},
        reviews={Order(id=h.order_id).public_id: h for h in _reviews(reviews)} if reviews else {},
        installments=_with_plans(_installments(plans)),
        decisions={d.public_id: d for d in Decision.objects.select_related("inquiry").filter(id__in=decisions)} if decisions else {},
        refunds={r.public_id: r for r in Refund.objects.filter(id__in=refunds)} if refunds else {},
        cards={m.public_id: m for m in PaymentMethod.objects.filter(id__in=cards)} if cards else {},
        notices={n.public_id: n for n in Notice.objects.filter(id__in=kept)} if kept else {},
    )


def _installments(plans: set[uuid.UUID]) -> dict[str, list[Installment]]:
    return {Plan(id=key).public_id: rows_ for key, rows_ in list_installments(plans).items()} if plans else {}


def _with_plans(found: dict[str, list[Installment]]) -> dict[str, list[Installment]]:
    """Load the plans of installments, with the cards to which the plans are charged; one statement for all."""
    opened = [row for rows_ in found.values() for row in rows_ if row.status in Installment.OPEN]
    plans = Plan.objects.select_related("payment_method").in_bulk({row.plan_id for row in opened}) if opened else {}
    for row in opened:
        row.plan = plans[row.plan_id]
    return found


def is_about_review(message: Message) -> bool:
    """Return whether a message says why an order was held."""
    return bool(message.kind.startswith("hold_") or message.kind == "order_rejected")


def _keys(prefix: str, public_ids: Iterable[str]) -> set[uuid.UUID]:
    found = set()
    for public_id in public_ids:
        with suppress(NotFound):
            found.add(parse_id(prefix, public_id))
    return found


def _agreed(order_ids: Iterable[uuid.UUID]) -> Iterable[Order]:
    return Order.objects.filter(id__in=order_ids).select_related("plan__product", "plan__payment_method")


def _reviews(order_ids: Iterable[uuid.UUID]) -> Iterable[OrderReview]:
    return _with_people().select_related("order__decision__inquiry").filter(order_id__in=order_ids)


def _with_people() -> QuerySet[OrderReview]:
    return OrderReview.objects.select_related(*PEOPLE)


def get_order(public_id: str) -> Order:
    """Return an order with its merchant, consumer and plan by its public id; NotFound."""
    found = _order.first(parse_id("ord", public_id))
    if found is None:
        raise NotFound("There is no such order.")
    return found


@compiled
def _order(order_id: uuid.UUID) -> QuerySet[Order]:
    # The agreement is encrypted for its person, and no letter quotes it: without it, the order can be read even after erasure.
    return Order.objects.select_related("merchant", "consumer", "plan__payment_method").defer("plan__agreement").filter(id=order_id)


def find_charge(public_id: str) -> Charge | None:
    """Return a charge with its card, or None."""
    try:
        key = parse_id(Charge.PREFIX, public_id)
    except NotFound:
        return None
    return Charge.objects.select_related("payment_method").filter(id=key).first()


def find_refund(public_id: str) -> PaidBack | None:
    """Return a refund with its card and the charge's card, or None."""
    try:
        key = parse_id(PaidBack.PREFIX, public_id)
    except NotFound:
        return None
    return PaidBack.objects.select_related("payment_method", "charge__payment_method").filter(id=key).first()


def get_order_of(plan: str) -> Order:
    """Return the order of a plan, by the plan's public id, like `get_order`; NotFound."""
    return get_order(get_plan(parse_id(Plan.PREFIX, plan)).reference)


def find_review(order: Order) -> OrderReview | None:
    """Return the review of an order, with the operators who acted, if any."""
    return _review.first(order.pk)


@compiled
def _review(order_id: uuid.UUID) -> QuerySet[OrderReview]:
    return _with_people().filter(order_id=order_id)


def list_review_operators() -> list[User]:
    """Return the active operators who may act on held orders."""
    return _operators(MAY_PREPARE, MAY_DECIDE)


def list_review_approvers() -> list[User]:
    """Return the active operators who may decide held orders."""
    return _operators(MAY_DECIDE)


def list_deciders(proposal: Proposal) -> list[User]:
    """Return the active operators who may decide a proposal."""
    return _operators(get_kind(proposal.kind).may_approve)


def list_who_may(permission: str) -> list[User]:
    """Return the active operators with a permission."""
    return _operators(permission)


def _operators(*permissions: str) -> list[User]:
    backend = ModelBackend()
    anyone = Q()
    for name in permissions:
        anyone |= Q(pk__in=backend.with_perm(name).values("pk"))
    return list(operators().filter(anyone).order_by("id"))


def find_unsent(since: datetime, *, limit: int) -> list[uuid.UUID]:
    """Return the keys of up to `limit` messages since a moment that could not be sent, newest first; at most two queries.

    Leaves out messages that were sent again, and those to people who were erased, because nothing is sent to them.
    """
    failed = Message.objects.filter(status=MessageStatus.FAILED, at__gte=since).order_by("-at")
    found = failed.values_list("id", "consumer_id", "consumer__email_hash")[:limit]
    unsent = {key: person for key, person, email in found if person is None or email != Consumer(pk=person).erased_hash}
    people = {person for person in unsent.values() if person}
    resent = Message.objects.filter(consumer__in=people, at__gte=since, context__has_key="again_of") if people else Message.objects.none()
    again = {parse_id(Message.PREFIX, name) for name in resent.values_list("context__again_of", flat=True)}
    return [key for key in unsent if key not in again]


def list_messages(keys: Sequence[uuid.UUID]) -> list[Message]:
    """Return messages by their keys, with their recipients, the newest first; one query."""
    return list(Message.objects.filter(pk__in=keys).order_by("-at").select_related("consumer__brand", "consumer__market", "user"))


def list_inbox(consumer: Consumer, *, before: uuid.UUID | None = None, limit: int = PAGE) -> list[Message]:
    """Return a consumer's inbox, newest first; `before` is the last id of the previous page. Texts: `letters.compose_all`."""
    found = Message.objects.filter(consumer=consumer, channel="inbox").order_by("-id")
    shown = list((found.filter(id__lt=before) if before else found)[:limit])
    for message in shown:
        # The consumer is already known: otherwise each text, which needs the consumer's locale, would load the consumer again.
        message.consumer = consumer
    return shown


def count_unread(consumer: Consumer) -> int:
    """Return how many messages in a consumer's inbox are unread, counted up to 100."""
    return Message.objects.filter(consumer=consumer, channel="inbox", read_at=None)[:MOST_UNREAD].count()


def lock_queued(consumer_id: uuid.UUID, kinds: Collection[str]) -> list[Message]:
    """Lock a consumer's queued messages of some kinds, in the order of their keys."""
    found = Message.objects.select_for_update().filter(consumer=consumer_id, kind__in=kinds, status=MessageStatus.QUEUED)
    return list(found.order_by("id"))


def lock_batch(batch: uuid.UUID) -> list[PaperLetter]:
    """Lock the letters of a batch that was printed, in the order of their keys."""
    return list(PaperLetter.objects.select_for_update().filter(batch=batch).order_by("id"))


def lock_waiting(after: uuid.UUID, limit: int) -> list[PaperLetter]:
    """Lock letters that wait to be printed, past a key, in order, without those that somebody else holds; each with its person and plan.

    An address that cannot be read is `Unreadable`, so that it holds no other letter up.
    """
    waiting = PaperLetter.objects.filter(printed_at=None, posted_at=None, left_at=None, id__gt=after).order_by("id")
    free = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("consumer", "late_notice__plan")
    with listing():
        return list(free[:limit])


def lock_letter(letter_id: uuid.UUID) -> PaperLetter:
    """Lock a letter on paper; NotFound."""
    found = PaperLetter.objects.select_for_update().filter(pk=letter_id).first()
    if found is None:
        raise NotFound("There is no such letter.")
    return found


# MATERIALIZED: a plain subquery of the update could run again for each row, and claim more than the limit.
_CLAIM = f"""
    WITH due AS MATERIALIZED (
        SELECT id FROM notifications_message WHERE status = '{MessageStatus.QUEUED}' AND not_before <= %(at)s AND next_at <= %(now)s
        ORDER BY patient, not_before LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    UPDATE notifications_message m SET next_at = %(until)s FROM due WHERE m.id = due.id RETURNING m.id"""  # noqa: S608


def claim_due(*, at: datetime, until: datetime, limit: int) -> list[Message]:
    """Claim due messages until a moment of wall time, patient ones last, and return them with their recipients."""
    ids = [row[0] for row in rows(_CLAIM, {"at": at, "now": wall(), "until": until, "most": limit})]
    return list(Message.objects.filter(id__in=ids).select_related("consumer", "user").order_by("id")) if ids else []
