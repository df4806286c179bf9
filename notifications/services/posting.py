"""Notices on paper: the last way for what the law demands, printed in batches and posted by operators, through the same gate."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from accounts.models import Consumer, User
from collection.contacting import HELD_BACK, Attempt
from collection.models import LateNotice
from collection.services import note_told, pass_gate
from core.adjusting import value_of
from core.clock import local_date, wall
from core.db import unit
from core.errors import Conflict, Invalid, NotFound, require
from core.ids import parse_id, uuid7
from core.sentences import Sentence, marked
from markets.queries import find_late_notice
from notifications.models import Message, PaperLetter
from notifications.queries import lock_batch, lock_letter, lock_waiting
from notifications.settable import POST_DAYS
from notifications.states import MessageStatus
from plans.models import Plan
from plans.queries import by_date, list_installments

MAY_POST = "notifications.post_letter"
PAGE = 200
"""Letters that are looked at in one go; those that nobody's address lets post stay in front of the others."""
MOST = 50
"""The most letters of a batch: each takes a tenth of a second to print."""
ANEW = marked("told anew by a later notice")
ERASED = marked("the person was erased")


def counts_only_on_paper(given: LateNotice) -> bool:
    """Return whether the setting of a notice, as of its day, lets it count only on paper."""
    found = find_late_notice(given.plan.product.market_id, given.kind, given.day)
    return bool(found and found.value.get("paper"))


def fall_over(*, messages: Iterable[Message], at: datetime) -> None:
    """Give the notices of messages that failed for good to the next way: from e-mail to SMS where there is a number, then to paper.

    Call it in the transaction that records the failures. Safe to repeat: each way is taken once for a notice.
    """
    for message in messages:
        notice, consumer = message.context.get("late_notice"), message.consumer
        if not notice or consumer is None or consumer.is_erased or message.context.get("paper"):
            continue
        if message.channel == "email" and consumer.phone:
            again = Message(
                consumer=consumer,
                channel="sms",
                kind=message.kind,
                context=message.context,
                facts=message.facts,
                dedupe=f"{message.kind}:{notice}:sms",
                patient=message.patient,
                not_before=message.not_before,
                next_at=wall(),
                at=at,
            )
            Message.objects.bulk_create([again], ignore_conflicts=True)
        else:
            given = LateNotice.objects.select_related("plan").get(pk=parse_id(LateNotice.PREFIX, notice))
            queue_letter(given=given, why=message.error, at=at)


def queue_letter(*, given: LateNotice, why: str = "", at: datetime) -> None:
    """Let a notice wait to be printed, once; an older one of its kind and plan that was not printed yet is left, as this one tells more."""
    with unit():
        letter = PaperLetter(late_notice=given, consumer_id=given.plan.consumer_id, why=why[:200], at=at)
        PaperLetter.objects.bulk_create([letter], ignore_conflicts=True)
        older = PaperLetter.objects.filter(late_notice__plan=given.plan_id, late_notice__kind=given.kind, late_notice__id__lt=given.pk)
        older.filter(printed_at=None, posted_at=None, left_at=None).update(left=ANEW, left_at=at)


def print_letters(*, user: User, at: datetime) -> uuid.UUID:
    """Take the oldest letters that wait into a batch to print, at most `MOST`, through the gate of contacts; return the batch's key.

    What is paid meanwhile, or of who died, is left out for good, and so is who was erased; who has no address waits for one. Conflict if
    none is left. Two operators at once get different letters.
    """
    require(user, MAY_POST)
    batch, count, after = uuid7(), 0, uuid.UUID(int=0)
    with unit():
        while count < MOST and (found := lock_waiting(after, PAGE)):
            held, after = _held_back(found, at), found[-1].pk
            ready = [one for one in found if one.pk not in held and has_address(one.consumer)][: MOST - count]
            for one in found:
                if one.pk in held:
                    one.left, one.left_at = held[one.pk], at
            for one in ready:
                one.batch, one.printed_by, one.printed_at = batch, str(user.pk), at
            PaperLetter.objects.bulk_update(found, ["left", "left_at", "batch", "printed_by", "printed_at"])
            count += len(ready)
    if not count:
        raise Conflict("Nothing waits to be printed.", code="notifications.nothing_to_print")
    return batch


def has_address(consumer: Consumer) -> bool:
    """Return whether a letter can be posted to a consumer."""
    address = consumer.address
    return bool(not consumer.is_erased and isinstance(address, dict) and address.get("line1"))


def _held_back(letters: Sequence[PaperLetter], at: datetime) -> dict[uuid.UUID, str]:
    """Return why some letters are never posted, by key: by the gate, or since their person was erased."""
    members = list_installments({one.late_notice.plan_id for one in letters})
    attempts = {}
    for one in letters:
        plan: Plan = one.late_notice.plan
        late = [row.number for row in by_date(members[plan.pk]) if row.is_late(local_date(at, plan.time_zone))]
        attempts[one.public_id] = Attempt(one.public_id, one.consumer, "paper", {plan.pk: late}, while_open=True, any_hour=True)
    verdicts = pass_gate(attempts=list(attempts.values()), at=at)
    found = {one.pk: HELD_BACK[why] for one in letters if (why := verdicts[one.public_id].why)}
    return found | {one.pk: ERASED for one in letters if one.consumer.is_erased}


def post_letters(*, batch: uuid.UUID, user: User, at: datetime) -> int:
    """Note that the letters of a batch were posted: their notices are told once the post has had its days. Return how many; NotFound."""
    require(user, MAY_POST)
    with unit():
        found = lock_batch(batch)
        if not found:
            raise NotFound("There is no such batch.")
        mine = [one for one in found if one.posted_at is None and one.left_at is None]
        for one in mine:
            one.posted_by, one.posted_at = str(user.pk), at
        PaperLetter.objects.bulk_update(mine, ["posted_by", "posted_at"])
        note_told(notices=[one.late_notice_id for one in mine], at=at + timedelta(days=value_of(POST_DAYS)))
    return len(mine)


def leave_letter(*, letter_id: uuid.UUID, why: str, user: User, at: datetime) -> None:
    """Note that a letter cannot be posted, and why; its notice counts as not told. Invalid without words; Conflict if it is posted."""
    require(user, MAY_POST)
    if not why.strip() or len(why.strip()) > 200:
        raise Invalid("Say why it cannot be posted.", fields={"why": Sentence("must have 1 to 200 characters")})
    with unit():
        found = lock_letter(letter_id)
        if found.posted_at is not None or found.left_at is not None:
            raise Conflict("This letter does not wait any more.", code="notifications.letter_settled")
        found.left, found.left_by, found.left_at = why.strip(), str(user.pk), at
        found.save(update_fields=["left", "left_by", "left_at"])


def failed_notices(messages: Iterable[Message]) -> list[Message]:
    """Return those of some messages that failed for good and bring a notice that the law demands."""
    return [one for one in messages if one.status == MessageStatus.FAILED and one.context.get("late_notice")]
