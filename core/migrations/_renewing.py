"""How migrations encrypt rows; a frozen copy from before people had their own keys.

A value is written in the form `v2`, bound to its row. Before, it was unencrypted in another column, or in the form `v1`, bound only to its
column, or `v2` with an older key. For current rows, see `core.renewal`.
"""

import json
from typing import Any

from django.apps.registry import Apps
from django.db import connection, models, transaction

from core.crypto import EncryptedJSONField, EncryptedTextField
from core.migrations._sealing import decrypt, encrypt, newest_form, sealed_fields, text_of

BATCH = 500
BOUND_TO_COLUMN = "v1:"
KNOWN = ("v1:", "v2:")
# The names come from the database, because a migration must handle the triggers of its time. They refuse changes; the plain text stays the
# same.
TRIGGERS = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname"
IGNORE = "SELECT set_config('pgtrigger.ignore', %s, true)"


def renew_all(apps: Apps, app: str, model: str) -> None:
    """Encrypt all rows of a model that are not yet in the form `v2` with the newest key, in batches with a commit for each."""
    table, after = apps.get_model(app, model), None
    while True:
        found = _renew_batch(table, after)
        if len(found) < BATCH:
            return
        after = found[-1][_column(table, "pk")]


def _renew_batch(model: type[models.Model], after: object) -> list[dict[str, Any]]:
    """Encrypt the rows of a batch above a key, and return them as they were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TRIGGERS, [connection.ops.quote_name(model._meta.db_table)])
        cursor.execute(IGNORE, ["{" + ",".join(name for (name,) in cursor.fetchall()) + "}"])
        found = _read(cursor, model, after)
        for stored in found:
            _write(cursor, model, stored)
        cursor.execute(IGNORE, ["{}"])
    return found


def _column(model: type[models.Model], name: str) -> str:
    field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return str(field.column)


def _read(cursor: Any, model: type[models.Model], after: object) -> list[dict[str, Any]]:
    """Return rows above a key, locked: the key, the encrypted and formerly unencrypted columns, and those that identify the row."""
    quote, key = connection.ops.quote_name, _column(model, "pk")
    names = {"pk", *(name for field in sealed_fields(model) for name in (field.attname, field.before, *field.row) if name)}
    columns = sorted({_column(model, name) for name in names})
    above = f"WHERE {quote(key)} > %s " if after is not None else ""
    listed = ", ".join(quote(column) for column in columns)
    sql = f"SELECT {listed} FROM {quote(model._meta.db_table)} {above}ORDER BY {quote(key)} LIMIT {BATCH} FOR NO KEY UPDATE"  # noqa: S608
    cursor.execute(sql, [after] if after is not None else [])
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _write(cursor: Any, model: type[models.Model], stored: dict[str, Any]) -> None:
    """Write a row's changed values, if there are any."""
    changes: dict[str, Any] = {}
    for field in sealed_fields(model):
        changes |= _changes(model, field, stored)
    if changes:
        quote, key = connection.ops.quote_name, _column(model, "pk")
        pairs = ", ".join(f"{quote(column)} = %s" for column in changes)
        sql = f"UPDATE {quote(model._meta.db_table)} SET {pairs} WHERE {quote(key)} = %s"  # noqa: S608  (names of our own)
        cursor.execute(sql, [*changes.values(), stored[key]])


def _changes(model: type[models.Model], field: EncryptedTextField, stored: dict[str, Any]) -> dict[str, Any]:
    """Return the new values of a field's columns; InvalidTag for a value that cannot be decrypted."""
    value, place = stored[field.column], f"{model._meta.db_table}.{field.column}"
    bound = f"{place}:{':'.join(str(stored[_column(model, name)]) for name in field.row)}"
    clear = stored[_column(model, field.before)] if field.before else None
    if isinstance(clear, str) and isinstance(field, EncryptedJSONField):
        clear = json.loads(clear)
    changed: dict[str, Any] = {}
    if value and value.startswith(KNOWN) and not value.startswith(newest_form()):
        text = decrypt(value, context=place if value.startswith(BOUND_TO_COLUMN) else bound)
        changed[field.column] = encrypt(text, context=bound)
    elif clear and not value:
        changed[field.column] = encrypt(text_of(field, clear), context=bound)
    return changed | ({_column(model, field.before): _empty(model, field)} if clear else {})


def _empty(model: type[models.Model], field: EncryptedTextField) -> str | None:
    """Return the value of an unencrypted column after its value was encrypted."""
    if getattr(model._meta.get_field(field.before), "null", False):
        return None
    return json.dumps(field.kind()) if isinstance(field, EncryptedJSONField) else ""
