"""Tables that are evidence: database triggers refuse every deletion, and every change to fields that may not change."""

from collections.abc import Sequence

import pgtrigger
from django.db import models

_REFUSED = "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"


class Numbered(models.Model):
    """Rows of a history, numbered by the database in the order of writing, whatever key or number the writer chose.

    The newest row is the valid one. Rows from before the numbering have the number 0, and are ordered by key.
    """

    number = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        abstract = True


def numbered() -> pgtrigger.Trigger:
    """Return the trigger that numbers the rows of a `Numbered` table."""
    return pgtrigger.Trigger(
        name="numbered",
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        func="NEW.number := nextval('public.evidence_number'); RETURN NEW;",
    )


class _Once(pgtrigger.Condition):
    """A trigger's condition: the row is settled, and one of its fixed fields changes."""

    def __init__(self, when: str, change: pgtrigger.Condition) -> None:
        super().__init__(when)
        self.change = change

    def resolve(self, model: type[models.Model]) -> str:
        """Return the condition in SQL."""
        return f"(({self.sql}) AND ({self.change.resolve(model)}))"


def _any_other(changing: Sequence[str], fixed: Sequence[str]) -> pgtrigger.Condition:
    """Return the condition that a field outside `changing` changes; where `fixed` is given, that a field in `fixed` changes."""
    return pgtrigger.AnyChange(*fixed) if fixed else pgtrigger.AnyChange(exclude=list(changing))


def settled(name: str, when: str, *, changing: Sequence[str] = (), fixed: Sequence[str] = ()) -> pgtrigger.Trigger:
    """Return the trigger that fixes a row once an SQL condition holds, such as `OLD.answered_at IS NOT NULL`.

    From then on only the fields in `changing` may change. Where `fixed` is given, all fields outside `fixed` may change instead.
    """
    change = _Once(when, _any_other(changing, fixed))
    return pgtrigger.Trigger(name=name, operation=pgtrigger.Update, when=pgtrigger.Before, condition=change, func=_REFUSED)


def kept(*, changing: Sequence[str] = (), fixed: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """Return the triggers of a table from which no row may be removed: they refuse DELETE and TRUNCATE.

    Only the fields in `changing` may change. Where `fixed` is given, all fields outside `fixed` may change instead.
    """
    condition = _any_other(changing, fixed) if changing or fixed else None
    return [
        pgtrigger.Trigger(name="kept", operation=pgtrigger.Delete, when=pgtrigger.Before, func=_REFUSED),
        pgtrigger.Trigger(name="unchanged", operation=pgtrigger.Update, when=pgtrigger.Before, condition=condition, func=_REFUSED),
        pgtrigger.Trigger(
            name="not_emptied", operation=pgtrigger.Truncate, when=pgtrigger.Before, level=pgtrigger.Statement, func=_REFUSED
        ),
    ]


def at_end(
    name: str,
    operation: pgtrigger.core.Operation,
    func: str,
    condition: pgtrigger.Condition | None = None,
    declare: Sequence[tuple[str, str]] = (),
) -> pgtrigger.Trigger:
    """Return a trigger that checks the rows at the end of the transaction."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        condition=condition,
        declare=list(declare),
        func=func,
    )
