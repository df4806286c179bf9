"""Whether every notice that a law asks for left in time: of refusals, also with a counter-offer, of rejected orders, of lower limits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.db.models import F

from accounts.models import Consumer
from checkout.models import OrderReview
from checkout.refusing import rejected_at
from checkout.states import OrderReviewStatus
from core.clock import local_date
from credit.models import Decision, LimitChange, LimitReview
from credit.rules import is_refusal
from markets.queries import find_setting
from notifications.models import Message, Notice
from notifications.states import MessageStatus

Row = TypeVar("Row")
PAGE = 500
AT_ONCE = timedelta(days=1)
"""What counts as at once, where the market's law names no number of days."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice that is owed: its kind of message, what it is about, to whom, since when, and until when it must have left."""

    kind: str
    subject: str
    consumer: Consumer
    since: datetime

    @property
    def until(self) -> datetime:
        """The last moment at which it may leave: in the United States 30 days (12 CFR 1002.9(a)(1)), elsewhere at once."""
        days = find_setting(self.consumer.market_id, "adverse_action.within_days", local_date(self.since, self.consumer.time_zone))
        return self.since + (timedelta(days=int(days.value)) if days else AT_ONCE)


@dataclass(frozen=True, slots=True)
class Late:
    """A notice that left too late (`sent_at`), or that has not left although its time is over (None)."""

    notice: Owed
    sent_at: datetime | None


@dataclass(slots=True)
class Checked:
    """How many notices were owed, and those that were late or are missing, as they were found."""

    owed: int
    late: list[Late]


def check_notices(*, since: datetime, at: datetime) -> Checked:
    """Look at every notice that has been owed since a moment; one whose time is not over yet may still be missing.

    A notice has left once a letter or an SMS was sent, if it is kept as it was sent. For a person without an address the inbox counts, and
    an erased person is owed none.
    """
    checked = Checked(0, [])
    for page in _paged(owed_notices(since)):
        sent = _sent(page)
        for notice in page:
            checked.owed += 1
            left = sent.get((notice.kind, notice.subject))
            if left is None and notice.until >= at:
                continue
            if left is None or left > notice.until:
                checked.late.append(Late(notice, left))
    return checked


def owed_notices(since: datetime) -> Iterator[Owed]:
    """Yield the notices that have been owed since a moment, to people who are still known."""
    for one in _all_owed(since):
        if not one.consumer.is_erased:
            yield one


def _all_owed(since: datetime) -> Iterator[Owed]:
    declined = Decision.objects.filter(at__gte=since, outcome="decline").select_related("consumer").order_by("id")
    for decision in declined.iterator(PAGE):
        if is_refusal(decision.outcome, decision.reasons):
            yield Owed("application_refused", decision.public_id, decision.consumer, decision.at)
    fell = LimitReview.objects.filter(at__gte=since, limit_minor__lt=F("before_minor")).select_related("line__consumer").order_by("id")
    for review in fell.iterator(PAGE):
        yield Owed("limit_cut", review.public_id, review.line.consumer, review.at)
    lower = LimitChange.objects.filter(at__gte=since, after_minor__lt=F("before_minor")).select_related("line").order_by("number", "id")
    for page in _paged(lower.iterator(PAGE)):
        yield from _lowered_by_decisions(page)
    rejected = (
        OrderReview.objects.filter(decided_at__gte=since, status=OrderReviewStatus.REJECTED)
        .select_related("order__consumer")
        .order_by("id")
    )
    for held in rejected.iterator(PAGE):
        yield Owed("order_rejected", held.order.public_id, held.order.consumer, rejected_at(held.order))


def _lowered_by_decisions(changes: Sequence[LimitChange]) -> Iterator[Owed]:
    """Yield the notices of lower limits that came with a decision which did not refuse: a refusal's own notice tells of its limit."""
    moments = {(one.line.consumer_id, one.line.currency, one.at) for one in changes}
    made = Decision.objects.filter(consumer__in={key[0] for key in moments}, at__in={key[2] for key in moments})
    for decision in made.select_related("consumer").order_by("id"):
        if (decision.consumer_id, decision.currency, decision.at) in moments and not is_refusal(decision.outcome, decision.reasons):
            yield Owed("limit_cut", decision.public_id, decision.consumer, decision.at)


def _paged(found: Iterable[Row]) -> Iterator[list[Row]]:
    rows = iter(found)
    while page := list(islice(rows, PAGE)):
        yield page


def _sent(notices: Sequence[Owed]) -> dict[tuple[str, str], datetime]:
    """Return when each notice left, by kind and subject; one that is not kept as it was sent has not. Older messages have none to keep."""
    wanted: dict[str, tuple[str, str]] = {}
    for one in notices:
        channels = ("email", "sms") if one.consumer.email or one.consumer.phone else ("inbox",)
        wanted |= {f"{one.kind}:{one.subject}:{channel}": (one.kind, one.subject) for channel in channels}
    found = Message.objects.filter(dedupe__in=wanted, status=MessageStatus.SENT, sent_at__isnull=False)
    told = list(found.values_list("dedupe", "sent_at", "context__kept"))
    kept = {one.public_id for one in Notice.objects.filter(subject__in=[one.subject for one in notices]).defer("paper")}
    return {wanted[dedupe]: sent_at for dedupe, sent_at, notice in told if sent_at is not None and (notice is None or notice in kept)}
