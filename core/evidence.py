"""Tables that are evidence: the database itself keeps their rows, whoever asks, and of a row changes only what may."""

from collections.abc import Sequence

import pgtrigger
from django.db.models import Model

_REFUSED = "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"


class _Once(pgtrigger.Condition):
    """That something of a row changes for which it is too late."""

    def __init__(self, when: str, change: pgtrigger.Condition) -> None:
        super().__init__(when)
        self.change = change

    def resolve(self, model: type[Model]) -> str:
        """Return the condition in SQL."""
        return f"(({self.sql}) AND ({self.change.resolve(model)}))"


def settled(name: str, when: str, *, changing: Sequence[str] = (), fixed: Sequence[str] = ()) -> pgtrigger.Trigger:
    """Return the trigger that keeps a row once something is said of it, in SQL, such as `OLD.answered_at IS NOT NULL`.

    Nothing of it changes from then on but the fields `changing`; or everything but the fields `fixed`.
    """
    change = pgtrigger.AnyChange(*fixed) if fixed else pgtrigger.AnyChange(exclude=list(changing))
    return pgtrigger.Trigger(name=name, operation=pgtrigger.Update, when=pgtrigger.Before, condition=_Once(when, change), func=_REFUSED)


def kept(*, changing: Sequence[str] = (), fixed: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """Return the triggers of a table that loses no row: none is deleted, and the table is not emptied.

    Of a row nothing changes but the fields `changing`; or, for what lives on, everything but the fields `fixed`.
    """
    condition = pgtrigger.AnyChange(*fixed) if fixed else pgtrigger.AnyChange(exclude=list(changing)) if changing else None
    return [
        pgtrigger.Trigger(name="kept", operation=pgtrigger.Delete, when=pgtrigger.Before, func=_REFUSED),
        pgtrigger.Trigger(name="unchanged", operation=pgtrigger.Update, when=pgtrigger.Before, condition=condition, func=_REFUSED),
        pgtrigger.Trigger(
            name="not_emptied", operation=pgtrigger.Truncate, when=pgtrigger.Before, level=pgtrigger.Statement, func=_REFUSED
        ),
    ]
