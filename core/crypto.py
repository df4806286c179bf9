"""Personal data at rest: AES-256-GCM for each value, bound to its row, and keyed hashes to look it up by.

A stored value has the form `v2:<key id>:<base64 of nonce and ciphertext>`. It is bound to its table, its column and the row's key, so that
it can be decrypted in no other row. Values of the older form (`v1`, bound to table and column only) were re-encrypted by migrations, and
are refused.
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
    """Return the prefix of values that are encrypted in the newest form with the newest key."""
    return f"{FORM}:{next(iter(_keys()))}:"


def encrypt(text: str, *, context: str) -> str:
    """Encrypt text with the newest key, bound to its context (table, column and row)."""
    kid, key = next(iter(_keys().items()))
    nonce = os.urandom(12)
    sealed = nonce + key.encrypt(nonce, text.encode(), context.encode())
    return f"{FORM}:{kid}:{base64.b64encode(sealed).decode()}"


def decrypt(stored: str, *, context: str) -> str:
    """Decrypt the output of `encrypt`; raises InvalidTag where it was tampered with or belongs to another field or row."""
    _, kid, sealed = stored.split(":", 2)
    raw = base64.b64decode(sealed)
    return _keys()[kid].decrypt(raw[:12], raw[12:], context.encode()).decode()


def lookup_hash(text: str) -> str:
    """Return the keyed hash by which an encrypted value is looked up (hex, 64 characters)."""
    return lookup_hashes(text)[0]


def lookup_hashes(text: str) -> list[str]:
    """Return the hashes under which a value may be stored: by the newest key, and by older keys while rows are re-hashed."""
    return keyed_hashes(text.strip().lower())


def keyed_hashes(text: str) -> list[str]:
    """Return the hashes of exactly this text by each look-up key, the newest key first."""
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in settings.LOOKUP_KEYS]


class Sealed(str):
    """An encrypted value as it is stored, which can be decrypted only in its row."""

    __slots__ = ()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that only the product can read, and only in its row; empty text stays empty.

    `row` names the fields that identify the row, its key by default: they are known when the row is written, and never change. `before`
    names a column that once held the value unencrypted: it is read as long as this field is empty.
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
        """Return a value as the text to be encrypted; empty for an empty value."""
        return str(value) if value else ""

    def read(self, text: str) -> Any:
        """Return the value of a decrypted text."""
        return text

    def open(self, stored: Sealed, instance: models.Model) -> Any:
        """Decrypt a stored value; InvalidTag where it belongs to another row, or cannot be decrypted for any other reason."""
        if stored.partition(":")[0] != FORM:
            raise InvalidTag
        try:
            return self.read(decrypt(stored, context=self._context(instance)))
        except (ValueError, KeyError):
            # The key is gone, or the value is not base64, too short, or not JSON.
            raise InvalidTag from None

    def open_as_before(self, stored: str) -> Any:
        """Decrypt a value of the older form, bound to its column only; for the migrations that re-encrypt it."""
        return self.read(decrypt(stored, context=f"{self.model._meta.db_table}.{self.column}"))

    def seal(self, value: Any, instance: models.Model) -> str:
        """Encrypt a value for its row; InvalidTag for the placeholder of a value that could not be decrypted."""
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

    # The types that may be assigned and read, for the type checker.
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
        """Return a value as JSON; empty for an empty value."""
        return json.dumps(value) if value else ""

    def read(self, text: str) -> Any:
        """Return the value of a JSON text."""
        return json.loads(text) if text else self.kind()


@cache
def sealed_fields(model: type[models.Model]) -> tuple[EncryptedTextField, ...]:
    """Return the fields of a model that are encrypted."""
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField))


def open_row(instance: models.Model) -> None:
    """Decrypt the fields of a row that was just read; InvalidTag where that is impossible, unless it is read to be shown (`listing`)."""
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
    """Make an object of a row, as the ORM does, and decrypt its fields."""
    instance = models.Model.from_db.__func__(cls, db, field_names, values)  # type: ignore[attr-defined]
    open_row(instance)
    return instance  # type: ignore[no-any-return]
