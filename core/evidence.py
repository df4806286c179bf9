"""Tables that are evidence: the database itself keeps their rows, whoever asks, and of a row changes only what may."""

from collections.abc import Sequence

import pgtrigger
from django.db import models

_REFUSED = "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"


class Numbered(models.Model):
    """Rows of a history in the order in which the database wrote them, whatever key or number the writer chose.

    What the newest row says is what holds. Rows from before there were numbers have none (0), and their keys' order.
    """

    number = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        abstract = True


def numbered() -> pgtrigger.Trigger:
    """Return the trigger that numbers the rows of a `Numbered` history."""
    return pgtrigger.Trigger(
        name="numbered",
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        func="NEW.number := nextval('public.evidence_number'); RETURN NEW;",
    )


class _Once(pgtrigger.Condition):
    """That something of a row changes for which it is too late."""

    def __init__(self, when: str, change: pgtrigger.Condition) -> None:
        super().__init__(when)
        self.change = change

    def resolve(self, model: type[models.Model]) -> str:
        """Return the condition in SQL."""
        return f"(({self.sql}) AND ({self.change.resolve(model)}))"


def _any_other(changing: Sequence[str], fixed: Sequence[str]) -> pgtrigger.Condition:
    """Return that something of a row changes but the fields `changing`; or, where `fixed` names some, one of those."""
    return pgtrigger.AnyChange(*fixed) if fixed else pgtrigger.AnyChange(exclude=list(changing))


def settled(name: str, when: str, *, changing: Sequence[str] = (), fixed: Sequence[str] = ()) -> pgtrigger.Trigger:
    """Return the trigger that keeps a row once something is said of it, in SQL, such as `OLD.answered_at IS NOT NULL`.

    Nothing of it changes from then on but the fields `changing`; or everything but the fields `fixed`.
    """
    change = _Once(when, _any_other(changing, fixed))
    return pgtrigger.Trigger(name=name, operation=pgtrigger.Update, when=pgtrigger.Before, condition=change, func=_REFUSED)


def kept(*, changing: Sequence[str] = (), fixed: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """Return the triggers of a table that loses no row: none is deleted, and the table is not emptied.

    Of a row nothing changes but the fields `changing`; or, for what lives on, everything but the fields `fixed`.
    """
    condition = _any_other(changing, fixed) if changing or fixed else None
    return [
        pgtrigger.Trigger(name="kept", operation=pgtrigger.Delete, when=pgtrigger.Before, func=_REFUSED),
        pgtrigger.Trigger(name="unchanged", operation=pgtrigger.Update, when=pgtrigger.Before, condition=condition, func=_REFUSED),
        pgtrigger.Trigger(
            name="not_emptied", operation=pgtrigger.Truncate, when=pgtrigger.Before, level=pgtrigger.Statement, func=_REFUSED
        ),
    ]
