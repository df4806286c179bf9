"""Personal data at rest: AES-256-GCM for each value, bound to its row, and keyed hashes to look it up by.

Form of a stored value: `v2:<key id>:<base64 of nonce and ciphertext>`; table, column and the row's key are bound to it, so that it opens in
no other row. Values of the form before (`v1`, bound to table and column only) were sealed anew by migrations, and are refused.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from core.unreadable import Unreadable, is_listing, tell_unreadable

FORM = "v2"


@cache
def _keys() -> dict[str, AESGCM]:
    """Return the key ring, the encrypting key first."""
    if settings.FIELD_KEYS:
        pairs = (pair.split(":", 1) for pair in settings.FIELD_KEYS.split(","))
        return {kid: AESGCM(base64.b64decode(key)) for kid, key in pairs}
    return {"k0": AESGCM(hashlib.sha256(b"field:" + settings.SECRET_KEY.encode()).digest())}


def newest_form() -> str:
    """Return what a value begins with that was sealed in the newest form with the newest key."""
    return f"{FORM}:{next(iter(_keys()))}:"


def encrypt(text: str, *, context: str) -> str:
    """Encrypt text with the newest key, bound to its context (table, column and row)."""
    kid, key = next(iter(_keys().items()))
    nonce = os.urandom(12)
    sealed = nonce + key.encrypt(nonce, text.encode(), context.encode())
    return f"{FORM}:{kid}:{base64.b64encode(sealed).decode()}"


def decrypt(stored: str, *, context: str) -> str:
    """Decrypt what `encrypt` made; raises InvalidTag where it was tampered with or belongs to another field or row."""
    _, kid, sealed = stored.split(":", 2)
    raw = base64.b64decode(sealed)
    return _keys()[kid].decrypt(raw[:12], raw[12:], context.encode()).decode()


def lookup_hash(text: str) -> str:
    """Return the keyed hash under which an encrypted value is kept, to be looked up by it (hex, 64 characters)."""
    return lookup_hashes(text)[0]


def lookup_hashes(text: str) -> list[str]:
    """Return the hashes under which a value may be kept: by the newest key, and by those of before while rows are brought to it."""
    return keyed_hashes(text.strip().lower())


def keyed_hashes(text: str) -> list[str]:
    """Return the hashes of exactly this text by each key of look-ups, the newest first."""
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in settings.LOOKUP_KEYS]


class Sealed(str):
    """A value as it is stored, which only its row can open."""

    __slots__ = ()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that only the product can read, and only in its row; empty text stays empty.

    `row` names what stands for the row, its key by default: it is known when the row is written, and never changes. `before` names a
    column in which the value lay in clear once: it is read as long as there is nothing here.
    """

    def __init__(self, *args: Any, row: Sequence[str] = ("pk",), before: str = "", **options: Any) -> None:
        self.row, self.before = tuple(row), before
        super().__init__(*args, **options)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            cls.from_db = classmethod(opened_from_db)  # type: ignore[assignment, method-assign]

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.row != ("pk",):
            kwargs["row"] = self.row
        if self.before:
            kwargs["before"] = self.before
        return name, path, args, kwargs

    def _context(self, instance: models.Model) -> str:
        column = f"{self.model._meta.db_table}.{self.column}"
        return f"{column}:{':'.join(str(getattr(instance, name)) for name in self.row)}"

    def written(self, value: Any) -> str:
        """Return a value as the text that is sealed; nothing for an empty one."""
        return str(value) if value else ""

    def read(self, text: str) -> Any:
        """Return the value of a text that was sealed."""
        return text

    def open(self, stored: Sealed, instance: models.Model) -> Any:
        """Return the value of a stored one; InvalidTag where it is another row's, or cannot be opened for any other reason."""
        if stored.partition(":")[0] != FORM:
            raise InvalidTag
        try:
            return self.read(decrypt(stored, context=self._context(instance)))
        except (ValueError, KeyError):
            # A key that is gone, no base64, too short, no JSON.
            raise InvalidTag from None

    def open_as_before(self, stored: str) -> Any:
        """Return the value of one that was sealed for its column only; for the migrations that seal it anew."""
        return self.read(decrypt(stored, context=f"{self.model._meta.db_table}.{self.column}"))

    def seal(self, value: Any, instance: models.Model) -> str:
        """Return a value as it is stored in a row; InvalidTag for one that stands for what could not be opened."""
        if isinstance(value, Unreadable):
            raise InvalidTag
        text = self.written(value)
        return Sealed(encrypt(text, context=self._context(instance))) if text else ""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.seal(getattr(model_instance, self.attname), model_instance)

    def get_prep_value(self, value: Any) -> Any:
        if value and not isinstance(value, Sealed):
            raise TypeError(f"{self} is sealed for its row: write it by saving the row")
        return str(value) if value else ""

    def from_db_value(self, value: str | None, *_: object) -> Any:
        return Sealed(value) if value else self.read("")


class EncryptedJSONField(EncryptedTextField):
    """JSON that only the product can read, and only in its row; an empty object or list stays empty, and is read as an empty `kind`."""

    # What the type checker is told that may be assigned and read.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def __init__(self, *args: Any, kind: type = dict, **options: Any) -> None:
        self.kind = kind
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.kind is not dict:
            kwargs["kind"] = self.kind
        return name, path, args, kwargs

    def written(self, value: Any) -> str:
        """Return a value as JSON; nothing for an empty one."""
        return json.dumps(value) if value else ""

    def read(self, text: str) -> Any:
        """Return the value of JSON."""
        return json.loads(text) if text else self.kind()


@cache
def sealed_fields(model: type[models.Model]) -> tuple[EncryptedTextField, ...]:
    """Return the fields of a model that are encrypted."""
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField))


def open_row(instance: models.Model) -> None:
    """Open what is sealed of a row that was just read; InvalidTag where that is impossible, unless it is read for a list."""
    known = instance.__dict__
    for field in sealed_fields(type(instance)):
        value = known.get(field.attname)
        if isinstance(value, Sealed):
            known[field.attname] = _opened(field, value, instance)
        elif field.before and not value and field.attname in known:
            known[field.attname] = getattr(instance, field.before) or value


def _opened(field: EncryptedTextField, stored: Sealed, instance: models.Model) -> Any:
    try:
        return field.open(stored, instance)
    except InvalidTag:
        tell_unreadable(field.model._meta.db_table, field.attname, instance.pk)
        if is_listing():
            return Unreadable()
        raise


def opened_from_db(cls: type[models.Model], db: str | None, field_names: Collection[str], values: Collection[Any]) -> models.Model:
    """Make an object of a row, as the ORM does, and open what is sealed in it."""
    instance = models.Model.from_db.__func__(cls, db, field_names, values)  # type: ignore[attr-defined]
    open_row(instance)
    return instance  # type: ignore[no-any-return]
