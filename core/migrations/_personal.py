"""How migrations encrypt rows with the keys of the people that they are about; a frozen copy from when the migrations were written.

A statement of the migration sets each row's person. Then the row's values are encrypted with the person's data key (`v3`)
instead of the installation's (`v2`), or are encrypted for the first time. For current rows, see `core.renewal`.
"""

import base64
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps.registry import Apps
from django.db import connection, models, transaction

from core.crypto import EncryptedTextField
from core.migrations._renewing import IGNORE, TRIGGERS
from core.migrations._sealing import PERSONAL, decrypt, personal_keys, sealed, sealed_fields, text_of

BATCH = 500


def seal_for_people(apps: Apps, app: str, model: str, *, person: str) -> None:
    """Find each row's person with `person`, a subquery over the row `r`, and encrypt its fields with their key; a commit for each batch."""
    table, after = apps.get_model(app, model), None
    while True:
        found = _seal_batch(table, after, person)
        if len(found) < BATCH:
            return
        after = found[-1]["id"]


def _seal_batch(model: type[models.Model], after: object, person: str) -> list[dict[str, Any]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TRIGGERS, [connection.ops.quote_name(model._meta.db_table)])
        cursor.execute(IGNORE, ["{" + ",".join(name for (name,) in cursor.fetchall()) + "}"])
        found = _read(cursor, model, after, person)
        people = {stored["person"] for stored in found if any(stored[column] for column in _columns(model))} - {None}
        keys = personal_keys(people)
        for stored in found:
            _write(cursor, model, stored, keys)
        cursor.execute(IGNORE, ["{}"])
    return found


def _columns(model: type[models.Model]) -> list[str]:
    """Return the encrypted columns, and the columns that held their values unencrypted before."""
    names = [name for field in sealed_fields(model) for name in (field.attname, field.before) if name]
    return [str(model._meta.get_field(name).column) for name in names]


def _read(cursor: Any, model: type[models.Model], after: object, person: str) -> list[dict[str, Any]]:
    """Return rows above a key, locked, each with its person."""
    columns = ["id", *_columns(model)]
    listed = ", ".join(f'r."{column}"' for column in columns)
    above = "WHERE r.id > %s " if after is not None else ""
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"SELECT {listed}, ({person}) FROM {table} r {above}ORDER BY r.id LIMIT {BATCH} FOR NO KEY UPDATE OF r"  # noqa: S608
    cursor.execute(sql, [after] if after is not None else [])
    return [dict(zip([*columns, "person"], row, strict=True)) for row in cursor.fetchall()]


def _write(cursor: Any, model: type[models.Model], stored: dict[str, Any], keys: dict[str, AESGCM | None]) -> None:
    """Write a row's person and its changed values."""
    if stored["person"] is None:
        return
    changes: dict[str, Any] = {"consumer_id": stored["person"]}
    for field in sealed_fields(model):
        changes |= _changes(model, field, stored, keys)
    pairs = ", ".join(f'"{column}" = %s' for column in changes)
    sql = f"UPDATE {connection.ops.quote_name(model._meta.db_table)} SET {pairs} WHERE id = %s"  # noqa: S608  (names of our own)
    cursor.execute(sql, [*changes.values(), stored["id"]])


def _changes(
    model: type[models.Model], field: EncryptedTextField, stored: dict[str, Any], keys: dict[str, AESGCM | None]
) -> dict[str, Any]:
    """Return the new values of a field's columns; for an erased person, a value that nobody can decrypt."""
    value = stored[field.column]
    before = str(model._meta.get_field(field.before).column) if field.before else ""
    clear = stored[before] if before else ""
    emptied = {before: ""} if clear else {}
    if not (value or clear) or (value and value.startswith(PERSONAL)):
        return emptied
    key = keys[str(stored["person"])]
    if key is None:
        return {field.column: PERSONAL + base64.b64encode(os.urandom(44)).decode(), **emptied}
    context = f"{model._meta.db_table}.{field.column}:{stored['id']}"
    text = decrypt(value, context=context) if value else text_of(field, clear)
    return {field.column: PERSONAL + sealed(key, text, context), **emptied}
