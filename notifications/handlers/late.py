"""Messages to who is late for longer: reminders by the market's steps, and the notices that its law demands."""

from datetime import datetime
from typing import Any

from collection.models import CaseLetter, LateNotice, Reminder
from core.clock import local_date
from core.ids import parse_id
from core.outbox import Event
from notifications.facts import order_context
from notifications.queries import get_order, get_order_of
from notifications.services import keep_late_notice, queue_for_consumer, tell_late
from notifications.services.late import list_asked
from notifications.services.posting import counts_only_on_paper, queue_letter
from notifications.telling import of_notice
from plans.queries import by_date, installments_of


def on_person_reminded(event: Event, *, at: datetime) -> None:
    """Remind a person of all that is late of them, in the tone of the step."""
    taken = Reminder.objects.get(pk=parse_id(Reminder.PREFIX, event.payload()["reminder"]))
    tell_late(
        consumer_id=taken.consumer_id, kind="late_reminder", subject=taken.public_id, at=at, facts={"tone": taken.tone, "by": taken.by}
    )


def on_late_notice_issued(event: Event, *, at: datetime) -> None:
    """Write and keep a notice that the law demands while a plan is late, and send it; nothing if all was paid meanwhile.

    One that counts only on paper is sent too, and waits to be printed.
    """
    key = parse_id(LateNotice.PREFIX, event.payload()["notice"])
    found = LateNotice.objects.select_related("plan__consumer", "plan__product")
    # The agreement is encrypted for its person: without it, the plan can be read even after erasure.
    given = found.defer("plan__agreement", "plan__agreement_before").get(pk=key)
    today = local_date(at, given.plan.time_zone)
    late = [row for row in by_date(installments_of(given.plan)) if row.is_late(today)]
    if not late or given.plan.consumer.is_erased:
        return
    order = get_order(given.plan.reference)
    context: dict[str, Any] = order_context(order) | of_notice(keep_late_notice(given=given, at=at))
    context |= {
        "numbers": [row.number for row in late],
        "due_date": late[0].due_date.isoformat(),
        "amount_minor": sum(row.open_minor for row in late),
        "late_notice": given.public_id,
    }
    if counts_only_on_paper(given):
        context["paper"] = True
        queue_letter(given=given, at=at)
    queue_for_consumer(consumer=order.consumer, kind="late_notice", subject=given.public_id, context=context, at=at)


def on_case_letter_sent(event: Event, *, at: datetime) -> None:
    """Send a person the letter that an operator chose; one that asks to pay only while something is late that may be asked for."""
    sent = CaseLetter.objects.select_related("consumer").get(pk=parse_id(CaseLetter.PREFIX, event.payload()["letter"]))
    consumer, context = sent.consumer, dict[str, Any]()
    if consumer.is_erased:
        return
    if sent.asks:
        late = next(iter(list_asked(consumer.pk, at)), None)
        if late is None:
            return
        context = order_context(get_order_of(late.plan.public_id)) | {"numbers": late.numbers}
    kind, facts = "case_letter_asks" if sent.asks else "case_letter", {"title": sent.words["heading"], "words": sent.words["text"]}
    context |= {"letter": sent.public_id}
    queue_for_consumer(consumer=consumer, kind=kind, subject=sent.public_id, context=context, facts=facts, at=at)
