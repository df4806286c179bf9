"""Asking the rules about money laundering, and keeping the alerts that follow."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Consumer, User
from controls.rules.sets import Place
from controls.services import clear_cases, consult_rules
from controls.services.ruling import keep_new_case
from core.db import unit, wait_lock
from core.errors import Conflict, Invalid, require
from core.ids import public_id
from core.money import Money
from core.sentences import Sentence
from fraud.laundering.models import LaunderingAlert, LaunderingLook
from fraud.laundering.queries import list_quiet, lock_alert
from fraud.laundering.ruling import LAUNDERING
from fraud.states import AlertStatus

MAY_HANDLE, MAY_AUDIT = "fraud.handle_laundering", "fraud.audit_laundering"
LONGEST_REASON = 4_000


def raise_alerts(*, consumer: Consumer, facts: Mapping[str, Any], place: Place, at: datetime) -> list[LaunderingAlert]:
    """Ask the rules about a person's behavior and raise an alert for each rule that holds; return the new ones. Safe to repeat.

    `consumer` is the person's first account. A rule tells the desk once in 30 days, and not while its alert is open.
    """
    amount = Money(facts["amount_30d"], consumer.market.currency)
    with unit():
        wait_lock(f"laundering:{consumer.pk}")
        asked, case = consult_rules(kind=LAUNDERING, subject=consumer.public_id, facts=facts, place=place, amount=amount, at=at)
        keep_new_case(case=case, but="account_days")
        quiet = list_quiet(consumer.pk, at) if asked.findings else set()
        return LaunderingAlert.objects.bulk_create(
            LaunderingAlert(
                consumer=consumer,
                rule=found.rule,
                rule_name=found.name,
                reason=found.then.reason,
                version=asked.version,
                facts=dict(facts),
                currency=amount.currency,
                raised_at=at,
            )
            for found in {one.rule: one for one in asked.findings}.values()
            if found.rule not in quiet
        )


def decide_alert(*, alert_id: uuid.UUID, decision: str, report: Mapping[str, Any] | None, user: User, at: datetime) -> LaunderingAlert:
    """Clear an alert with what explains it, or report the suspicion: `report` is then what is reported.

    Forbidden for anybody but officers; Invalid without a reason; Conflict where it is decided already.
    """
    require(user, MAY_HANDLE)
    reason = decision.strip()
    if not 10 <= len(reason) <= LONGEST_REASON:
        wrong = Sentence("between %(least)s and %(most)s characters", least=10, most=LONGEST_REASON)
        raise Invalid("Say why.", fields={"decision": wrong})
    with unit():
        alert = lock_alert(alert_id)
        if alert.status != AlertStatus.OPEN:
            raise Conflict("This alert is decided already.", code="laundering.decided")
        if report is None:
            alert.clear()
        else:
            alert.tell()
            alert.report = dict(report)
        alert.decided_by, alert.decided_at, alert.decision = user, at, reason
        alert.save(update_fields=["status", "decided_by", "decided_at", "decision", "report"])
    return alert


def note_look(*, user: User, alert_id: uuid.UUID | None, at: datetime) -> None:
    """Record in real time that an officer looks at an alert, or at the list; no log of looks at the person has it."""
    require(user, MAY_HANDLE)
    LaunderingLook.objects.create(user=user, alert_id=alert_id, at=at)


def forget_behavior(*, consumer_id: uuid.UUID, at: datetime) -> None:
    """Drop the behavior that rules were asked about of a person who was erased; alerts stay. In the caller's transaction."""
    clear_cases(kind=LAUNDERING, subjects=[public_id(Consumer.PREFIX, consumer_id)], at=at)
