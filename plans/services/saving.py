"""Save changed installments."""

from collections.abc import Iterable

from django.db import connection

from plans.models import Installment

_COLUMNS = {
    "principal_minor": "bigint",
    "interest_minor": "bigint",
    "paid_principal_minor": "bigint",
    "paid_interest_minor": "bigint",
    "fees_minor": "bigint",
    "paid_fees_minor": "bigint",
    "grace_from": "date",
    "refunded_minor": "bigint",
    "status": "text",
    "charge_id": "uuid",
    "next_attempt_at": "timestamptz",
    "carried_at": "timestamptz",
    "last_failure": "text",
    "paid_at": "timestamptz",
}
_SAVE = """UPDATE plans_installment i SET {sets} FROM unnest(%s::uuid[], {types}) AS n(id, {names}) WHERE i.id = n.id""".format(  # noqa: S608
    sets=", ".join(f"{name} = n.{name}" for name in _COLUMNS),
    types=", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values()),
    names=", ".join(_COLUMNS),
)


def save_installments(rows: Iterable[Installment]) -> None:
    """Write the amounts and states of locked installments with one statement."""
    found = list(rows)
    if not found:
        return
    columns = [[getattr(row, name) for row in found] for name in _COLUMNS]
    columns[list(_COLUMNS).index("charge_id")] = [str(row.charge_id) if row.charge_id else None for row in found]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [[str(row.id) for row in found], *columns])
