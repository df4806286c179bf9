"""What rules let the accounts of late people do: asked at the close of day, and when what is late of a person changes."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from accounts.classes import place_of_person
from accounts.models import Consumer
from accounts.queries import find_holder, lock_person_of
from accounts.services import assign_behavior
from collection.behaving import BEHAVIORS, CHANGING, MOVED, behavior_by, facts_of, lateness_of
from collection.events import LatenessMoved
from controls.rule_kinds import get_rule_kind
from controls.services import consult_rules
from controls.services.ruling import keep_new_case, version_in_force
from core.arrays import plain_array
from core.clock import local_date
from core.db import rows, unit
from core.ids import public_id
from core.money import Money
from core.outbox import append_all


def note_moved(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Have rules asked about the people of locked plans who came into another bucket; return how many.

    Workers ask them afterwards, since a person's row is locked before plans. Rules that read what changes each day are asked each day.
    """
    version, uses = version_in_force(BEHAVIORS)
    told = {"plans": plain_array(plan_ids), "at": at, "version": version, "all": bool(CHANGING & uses)}
    found = [key for (key,) in rows(MOVED, told)]
    append_all((LatenessMoved(consumer=public_id(Consumer.PREFIX, key)) for key in found), at=at)
    return len(found)


def judge_account(*, consumer_id: uuid.UUID, at: datetime) -> dict[str, Any]:
    """Ask the rules what the accounts of a person may do, and keep the answer; return it, empty for a person with nothing late.

    Safe to repeat. A case is saved only if it differs from the person's last one.
    """
    with unit():
        lock_person_of(consumer_id)
        consumer = find_holder(consumer_id)
        if consumer is None:
            return {}
        late = lateness_of(consumer, local_date(at, consumer.time_zone))
        behavior: dict[str, Any] = {}
        if late.plans:
            facts, place = facts_of(consumer, late, at), place_of_person(consumer, at)
            amount = Money(late.late_minor, consumer.market.currency)
            asked, case = consult_rules(kind=BEHAVIORS, subject=consumer.public_id, facts=facts, place=place, amount=amount, at=at)
            keep_new_case(case=case, but="customer_days")
            behavior = behavior_by(get_rule_kind(BEHAVIORS).counting(asked.findings), asked.version, facts["bucket"])
        assign_behavior(holder_id=consumer.holder_id, behavior=behavior, at=at)
        return behavior
