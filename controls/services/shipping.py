"""Rules that come with the product: they hold from the first day, until operators let others hold."""

from datetime import datetime

from controls.models import RuleVersion
from controls.queries import find_rules, next_rules_number
from controls.rule_kinds import RuleKind, list_rule_kinds
from controls.services.ruling import begin_rules
from core.clock import wall
from core.db import unit, wait_lock

SHIPPED = "product"
"""Who made a version that came with the product, and let it hold."""


def ship_rules() -> int:
    """Let the shipped rules of each kind hold where nobody chose others, as a new version where they changed; return how many began.

    Done by `migrate`. Rules that operators agreed on stay, whatever is shipped later.
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
