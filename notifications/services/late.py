"""Letters about all that is late of a person, in one: each tells of every late plan, and drops those that wait to tell less."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collection.cases import list_late_of
from collection.contacting import complaining, is_owed, list_stops
from collection.models import ContactStop
from collection.queries import lock_contacts
from core.clock import local_date
from core.db import unit
from notifications.facts import amount, of_coming_fee, order_context
from notifications.models import Message
from notifications.queries import get_order_of, lock_queued
from notifications.services.gating import drop_untold
from notifications.services.queueing import queue_for_consumer
from plans.fees import coming_fees, fees_on
from plans.models import Installment, Plan
from plans.queries import by_date, list_installments

LATE_KINDS = ("payment_late", "late_reminder")
"""The kinds of letters of which a newer one tells all that an older one tells."""


@dataclass(frozen=True, slots=True)
class LateOne:
    """A plan with its late payments, in the order of their dates."""

    plan: Plan
    rows: tuple[Installment, ...]
    late: tuple[Installment, ...]

    @property
    def numbers(self) -> list[int]:
        """The numbers of its late payments."""
        return [row.number for row in self.late]

    @property
    def open_minor(self) -> int:
        """What is late of it, with fees, in minor units."""
        return sum(row.open_minor for row in self.late)


def list_asked(consumer_id: uuid.UUID, at: datetime) -> list[LateOne]:
    """Return what of a consumer's plans is late and may be asked for, the latest first.

    Left out is what is promised, and what a payment is under way for; nothing is asked for before a complaint is answered.
    """
    if consumer_id in complaining([consumer_id]):
        return []
    plans = [one.plan for one in list_late_of(consumer_id, at)]
    members = list_installments([plan.pk for plan in plans])
    found = []
    for plan in plans:
        today = local_date(at, plan.time_zone)
        late = by_date(row for row in members[plan.pk] if row.is_late(today) and is_owed(row))
        if late and (plan.promised_until is None or plan.promised_until < today):
            found.append(LateOne(plan, tuple(members[plan.pk]), tuple(late)))
    return found


def tell_late(
    *, consumer_id: uuid.UUID, kind: str, subject: str, at: datetime, lead: uuid.UUID | None = None, facts: Mapping[str, Any] | None = None
) -> bool:
    """Queue one letter about all that is late of a consumer; return False where nothing may be asked for.

    It speaks of the plan `lead` first, else of the one that is late for longest, and names the others. Earlier letters of these kinds that
    wait in the queue are dropped, so that the person is asked once.
    """
    with unit():
        lock_contacts([consumer_id])
        found = list_asked(consumer_id, at)
        if not found:
            return False
        first = next((one for one in found if one.plan.pk == lead), found[0])
        order = get_order_of(first.plan.public_id)
        others = [(get_order_of(one.plan.public_id), one) for one in found if one is not first]
        context = order_context(order) | {
            "numbers": first.numbers,
            "due_date": first.late[0].due_date.isoformat(),
            "amount_minor": first.open_minor,
            "about": {one.plan.public_id: one.numbers for one in found},
        }
        if kind == "payment_late" and _is_told(consumer_id, context):
            return True
        told: dict[str, Any] = dict(facts or {}) | _coming_fee(first, at)
        if others:
            told["others"] = [{"shop": other.merchant.name, "left": amount(one.open_minor, other.currency)} for other, one in others]
        drop_untold(consumer_id=consumer_id, kinds=LATE_KINDS, but=f"{kind}:{subject}:", at=at)
        # What was tried and failed of these payments is part of what is late.
        drop_untold(consumer_id=consumer_id, kinds=["payment_failed"], about=context["about"], at=at)
        way = told.get("by", "")
        # Who does not want SMS gets the e-mail instead.
        if way == ContactStop.SMS and ContactStop.SMS in list_stops(consumer_id):
            way = ""
        queue_for_consumer(consumer=order.consumer, kind=kind, subject=subject, context=context, facts=told, first=way, at=at)
    return True


def make_room(*, consumer_id: uuid.UUID, plan: str, numbers: Sequence[int], charge: str, at: datetime) -> int:
    """Drop what earlier tries said of some payments of a plan (a public id) and still waits, since `charge` failed too; return how many."""
    with unit():
        lock_contacts([consumer_id])
        newer = f"payment_failed:{charge}:"
        return drop_untold(consumer_id=consumer_id, kinds=["payment_failed"], but=newer, about={plan: numbers}, at=at)


def _is_told(consumer_id: uuid.UUID, context: Mapping[str, Any]) -> bool:
    """Return whether a letter that waits tells the very same, as for another payment of the purchase that fell due on the same day."""
    waiting = lock_queued(consumer_id, ["payment_late"])
    return any(all(one.context.get(key) == value for key, value in context.items()) for one in waiting)


def tell_anew(*, message: Message, at: datetime) -> None:
    """Queue a letter about what is late once more, since some of what it told was paid before it was sent."""
    if message.consumer_id is not None:
        kept = {name: message.facts[name] for name in KEPT if name in message.facts}
        tell_late(consumer_id=message.consumer_id, kind=message.kind, subject=f"anew:{message.public_id}", at=at, facts=kept)


KEPT = ("tone", "by")
"""Facts that a letter which is told anew keeps; all others are read again."""


def _coming_fee(one: LateOne, at: datetime) -> dict[str, Any]:
    """Return the next fee of a plan's late payments, as facts; empty if none is to come."""
    coming = coming_fees(one.plan, list(one.rows), fees_on(list(one.rows)), local_date(at, one.plan.time_zone))
    found = next((coming[row.number] for row in one.late if row.number in coming), None)
    return of_coming_fee(found, one.plan.currency) if found else {}
