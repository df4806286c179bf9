"""Tables that are evidence: the database itself keeps their rows, whoever asks, and of a row changes only what may."""

from collections.abc import Sequence

import pgtrigger

_REFUSED = "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"


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
