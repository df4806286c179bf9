"""Asking the rules about money laundering, and keeping the alerts that follow."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Consumer
from controls.rules.sets import Place
from controls.services import clear_cases, consult_rules
from controls.services.ruling import keep_new_case
from core.db import unit, wait_lock
from core.ids import public_id
from core.money import Money
from fraud.laundering.models import LaunderingAlert
from fraud.laundering.queries import list_quiet
from fraud.laundering.ruling import LAUNDERING

MAY_HANDLE, MAY_AUDIT = "fraud.handle_laundering", "fraud.audit_laundering"


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


def forget_behavior(*, consumer_id: uuid.UUID, at: datetime) -> None:
    """Drop the behavior that rules were asked about of a person who was erased; alerts stay. In the caller's transaction."""
    clear_cases(kind=LAUNDERING, subjects=[public_id(Consumer.PREFIX, consumer_id)], at=at)
