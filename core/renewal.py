"""Re-encryption of old rows in the newest form and with the newest key, in batches, while the product runs.

Data about a person is encrypted with their own data key, which is made here if it does not exist yet. Data keys are an encrypted column
themselves: with a new installation key they are wrapped again, and the data that they encrypt stays as it is.
"""

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

from core.crypto import (
    PERSONAL,
    DataKey,
    EncryptedJSONField,
    EncryptedTextField,
    Sealed,
    data_keys,
    known_key,
    newest_form,
    remember_key,
    sealed_fields,
)
from core.db import execute, rows, unit
from core.subject_keys import subject_of

BATCH = 500
_TRIGGERS = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname"
_IGNORE = "SELECT set_config('pgtrigger.ignore', %(names)s, true)"


@dataclass(frozen=True, slots=True)
class _Part:
    """An encrypted field with its column, and the column that held it unencrypted in the past, if any, with that column's empty value."""

    field: EncryptedTextField
    column: str
    before: str
    empty: str | None

    def changes(self, stored: dict[str, Any], instance: models.Model) -> dict[str, Any]:
        """Return the values of a row to write, by column; InvalidTag for a value that cannot be decrypted."""
        value, clear = stored[self.column], stored.get(self.before)
        if isinstance(clear, str) and isinstance(self.field, EncryptedJSONField):
            clear = json.loads(clear)
        changed: dict[str, Any] = {}
        if (value and not self._is_newest(value, instance)) or (clear and not value):
            if known_key(instance).is_destroyed:
                changed[self.column] = _gone()
            elif value:
                changed[self.column] = str(self.field.seal(self.field.open(Sealed(value), instance), instance))
            else:
                changed[self.column] = str(self.field.seal(clear, instance))
        return changed | ({self.before: self.empty} if clear else {})

    def is_open(self, stored: dict[str, Any]) -> bool:
        """Return whether a row's value must be encrypted with the data key of the row's person."""
        value = stored[self.column]
        is_personal = bool(self.field.person and stored[_column(self.field.model, self.field.person)])
        return is_personal and bool((value and not value.startswith(f"{PERSONAL}:")) or stored.get(self.before))

    def _is_newest(self, value: str, instance: models.Model) -> bool:
        is_personal = self.field.person and getattr(instance, self.field.person)
        return value.startswith(f"{PERSONAL}:" if is_personal else newest_form())


def _gone() -> str:
    """Return what is stored for a value that was not yet encrypted with its person's key when that key was destroyed."""
    return f"{PERSONAL}:{base64.b64encode(os.urandom(44)).decode()}"


def sealed_models() -> list[type[models.Model]]:
    """Return every model that has an encrypted field."""
    return [model for model in apps.get_models() if sealed_fields(model)]


def renew_all(model: type[models.Model]) -> int:
    """Re-encrypt all rows of a model that are not in the newest form, in batches; return how many changed."""
    after, whole = None, 0
    while True:
        after, changed = renew_batch(model, after=after)
        whole += changed
        if after is None:
            return whole


def renew_batch(model: type[models.Model], *, after: object = None, limit: int = BATCH) -> tuple[object, int]:
    """Re-encrypt the rows of a batch that are not in the newest form; return the last key read (None at the end), and how many changed.

    If another transaction is writing a row, wait and read the row again.
    """
    parts, key = _parts(model), _column(model, "pk")
    with unit():
        _pass_over(model)
        found = _read(model, parts, after, limit)
        keys = _keys_of(model, parts, found)
        changed = sum(_renew(model, parts, stored, keys) for stored in found)
        execute(_IGNORE, {"names": "{}"})
    return (found[-1][key] if len(found) == limit else None), changed


def _parts(model: type[models.Model]) -> list[_Part]:
    return [_part(model, field) for field in sealed_fields(model)]


def _part(model: type[models.Model], field: EncryptedTextField) -> _Part:
    if not field.before:
        return _Part(field, _column(model, field.attname), "", None)
    empty: str | None = json.dumps(field.kind()) if isinstance(field, EncryptedJSONField) else ""
    if getattr(model._meta.get_field(field.before), "null", False):
        empty = None
    return _Part(field, _column(model, field.attname), _column(model, field.before), empty)


def _column(model: type[models.Model], name: str) -> str:
    field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return str(field.column)


def _pass_over(model: type[models.Model]) -> None:
    """Switch off the triggers that refuse changes until the transaction ends: re-encryption does not change the plain text.

    Only the owner of the tables may do this, see `core.roles`.
    """
    found = rows(_TRIGGERS, [connection.ops.quote_name(model._meta.db_table)])
    execute(_IGNORE, {"names": "{" + ",".join(name for (name,) in found) + "}"})


def _read(model: type[models.Model], parts: Sequence[_Part], after: object, limit: int) -> list[dict[str, Any]]:
    """Return rows above a key, locked: the key, the encrypted and formerly unencrypted columns, and the columns that identify the row."""
    quote, key = connection.ops.quote_name, _column(model, "pk")
    named = [_column(model, name) for name in _named(parts)]
    columns = list(dict.fromkeys([key, *named, *(name for part in parts for name in (part.column, part.before) if name)]))
    above = f"WHERE {quote(key)} > %s " if after is not None else ""
    listed = ", ".join(quote(column) for column in columns)
    sql = f"SELECT {listed} FROM {quote(model._meta.db_table)} {above}ORDER BY {quote(key)} LIMIT {limit} FOR NO KEY UPDATE"  # noqa: S608
    return [dict(zip(columns, row, strict=True)) for row in rows(sql, [after] if after is not None else [])]


def _named(parts: Sequence[_Part]) -> set[str]:
    """Return the names of the fields that identify a row and its person."""
    return {"pk", *(name for part in parts for name in (*part.field.row, part.field.person) if name)}


def _keys_of(model: type[models.Model], parts: Sequence[_Part], found: Sequence[dict[str, Any]]) -> dict[object, DataKey]:
    """Return the data keys of the people in rows that must be renewed, by person; missing keys are made."""
    people = {stored[_column(model, part.field.person)] for stored in found for part in parts if part.is_open(stored)}
    if not people:
        return {}
    keys = data_keys([subject_of(person) for person in people])
    return {person: keys[subject_of(person)] for person in people}


def _renew(model: type[models.Model], parts: Sequence[_Part], stored: dict[str, Any], keys: dict[object, DataKey]) -> bool:
    """Write the re-encrypted values of a row, and return whether there were any."""
    instance = model(**{name: stored[_column(model, name)] for name in _named(parts)})
    person = next((stored[_column(model, part.field.person)] for part in parts if part.field.person), None)
    if person in keys:
        remember_key(instance, keys[person])
    changes: dict[str, Any] = {}
    for part in parts:
        changes |= part.changes(stored, instance)
    if not changes:
        return False
    quote, key = connection.ops.quote_name, _column(model, "pk")
    pairs = ", ".join(f"{quote(column)} = %s" for column in changes)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {pairs} WHERE {quote(key)} = %s"  # noqa: S608  (names of our own)
    return bool(execute(sql, [*changes.values(), stored[key]]))
