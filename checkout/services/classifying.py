"""Give people their classes by rules, whenever something happens that the rules depend on."""

import uuid
from datetime import datetime

from accounts.classes import Classes, place_of_person
from accounts.models import ClassChange
from accounts.queries import find_holder
from accounts.services import assign_classes
from accounts.services.classes import Found
from checkout.classing import CUSTOMERS, person_facts
from controls.rules.sets import Finding
from controls.services import consult_rules
from controls.services.ruling import keep_new_case
from core.db import unit
from core.money import Money


def classify(*, consumer_id: uuid.UUID, at: datetime) -> list[ClassChange]:
    """Evaluate the rules for a person and assign the resulting classes; return the changes. Safe to repeat.

    A case is saved only if it differs from the person's last one.
    """
    consumer = find_holder(consumer_id)
    if consumer is None:
        return []
    facts = person_facts(consumer, at)
    place = place_of_person(consumer, at)
    amount = Money(facts["bought"], consumer.market.currency)
    with unit():
        asked, case = consult_rules(kind=CUSTOMERS, subject=consumer.public_id, facts=facts, place=place, amount=amount, at=at)
        # Days are part of every person's facts; a new case each day would add nothing.
        keep_new_case(case=case, but="customer_days")
        actor = f"rules:{CUSTOMERS}"
        return assign_classes(consumer_id=consumer.pk, found=_first(asked.findings), version=asked.version, actor=actor, at=at)


def _first(findings: tuple[Finding, ...]) -> dict[str, Found]:
    """Return the first finding of each axis whose class exists."""
    found: dict[str, Found] = {}
    for one in findings:
        if one.then.value not in Classes(one.then.outcome):
            continue
        found.setdefault(one.then.outcome, Found(one.then.value, one.rule, one.name))
    return found
