"""Put built-in rules in force from the first day, until operators choose others."""

from datetime import datetime

from controls.models import RuleVersion
from controls.queries import find_rules, next_rules_number
from controls.rule_kinds import RuleKind, list_rule_kinds
from controls.services.ruling import begin_rules
from core.clock import wall
from core.db import unit, wait_lock

SHIPPED = "product"
"""The actor who made built-in versions and put them in force."""


def ship_rules() -> int:
    """Put each kind's built-in rules in force unless operators chose others, as a new version if they changed; return how many began.

    Called by `migrate`. Never replaces rules that operators agreed on.
    """
    kinds = [kind for kind in list_rule_kinds() if kind.shipped]
    return sum(_ship(kind, wall()) for kind in kinds)


def _ship(kind: RuleKind, at: datetime) -> int:
    with unit():
        wait_lock(f"rules {kind.name}")
        live, number = find_rules(kind.name), next_rules_number(kind.name)
        chosen = number > 1 if live is None else live.began_by != SHIPPED
        if chosen or (live is not None and live.content == kind.shipped):
            return 0
        RuleVersion(
            kind=kind.name, number=number, content=dict(kind.shipped), made_by=SHIPPED, made_at=at, changed_by=SHIPPED, changed_at=at
        ).save(force_insert=True)
        begin_rules(kind=kind.name, number=number, by=SHIPPED, at=at)
    return 1
