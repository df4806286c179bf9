"""Encryption of personal data: AES-256-GCM for each value, bound to its row, and keyed hashes to find rows by.

A stored value has the form `v2:<key id>:<base64 of nonce and ciphertext>`, encrypted with the installation's key of that id. In rows about
a person it has the form `v3:<base64>`, encrypted with the person's own data key (`core.subject_keys`). It is bound to its table, column and
row key, so that it cannot be decrypted in another row. Values of the form `v1`, bound to table and column only, are refused.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, models

from core.errors import DomainError, Gone, NotOpened
from core.subject_keys import MISSING, TABLE, find_keys, make_keys, subject_of, with_key
from core.unreadable import Unreadable, is_listing, tell_unreadable

FORM = "v2"
PERSONAL = "v3"


class Erased(InvalidTag):
    """The value belongs to a person whose key was destroyed."""


def as_error(fault: InvalidTag) -> DomainError:
    """Return the error for a value that could not be decrypted: it was erased, or something is wrong and an alarm was raised."""
    if isinstance(fault, Erased):
        return Gone("The data of the person whom this is about was erased for good. Nothing was charged or changed.")
    return NotOpened("We have been told and look into it. Nothing was charged or changed.")


@cache
def _keys() -> dict[str, AESGCM]:
    """Return the key ring; the first key encrypts."""
    if settings.FIELD_KEYS:
        pairs = (pair.split(":", 1) for pair in settings.FIELD_KEYS.split(","))
        return {kid: AESGCM(base64.b64decode(key)) for kid, key in pairs}
    return {"k0": AESGCM(hashlib.sha256(b"field:" + settings.SECRET_KEY.encode()).digest())}


def newest_form() -> str:
    """Return the prefix of values in the newest form, encrypted with the newest key."""
    return f"{FORM}:{next(iter(_keys()))}:"


def encrypt(text: str, *, context: str) -> str:
    """Encrypt text with the newest key, bound to its context (table, column and row)."""
    kid, key = next(iter(_keys().items()))
    return f"{FORM}:{kid}:{_sealed(key, text, context)}"


def decrypt(stored: str, *, context: str) -> str:
    """Decrypt the output of `encrypt`; raises InvalidTag where it was tampered with or belongs to another field or row."""
    _, kid, sealed = stored.split(":", 2)
    return _unsealed(_keys()[kid], sealed, context)


def _sealed(key: AESGCM, text: str, context: str) -> str:
    nonce = os.urandom(12)
    return base64.b64encode(nonce + key.encrypt(nonce, text.encode(), context.encode())).decode()


def _unsealed(key: AESGCM, sealed: str, context: str) -> str:
    raw = base64.b64decode(sealed)
    return key.decrypt(raw[:12], raw[12:], context.encode()).decode()


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
    """An encrypted value as it is stored; only its own row can decrypt it."""

    __slots__ = ()


class DataKey:
    """A person's data key as it is stored: wrapped. It is unwrapped at its first use, and kept only as long as its row."""

    __slots__ = ("_opened", "subject", "wrapped")

    def __init__(self, subject: str, wrapped: str) -> None:
        self.subject, self.wrapped = subject, wrapped
        self._opened: AESGCM | None = None

    def __reduce__(self) -> Any:
        """Copy only the wrapped form."""
        return DataKey, (self.subject, self.wrapped)

    @property
    def is_destroyed(self) -> bool:
        """Whether the key was destroyed, and with it everything encrypted with it."""
        return not self.wrapped

    def opened(self) -> AESGCM:
        """Return the unwrapped key; Erased where it was destroyed, InvalidTag where there is none or it is another subject's."""
        if self.is_destroyed:
            raise Erased
        if self.wrapped == MISSING:
            raise InvalidTag
        if self._opened is None:
            self._opened = AESGCM(base64.b64decode(decrypt(self.wrapped, context=_wrapping(self.subject))))
        return self._opened


def _wrapping(subject: str) -> str:
    """Return the context of a wrapped key: that of the column `core.SubjectKey.wrapped`, so that it is renewed like any such column."""
    return f"{TABLE}.wrapped:{subject}"


def data_keys(subjects: Collection[str]) -> dict[str, DataKey]:
    """Return people's data keys; missing ones are made, in the same statement."""
    fresh = {subject: encrypt(base64.b64encode(os.urandom(32)).decode(), context=_wrapping(subject)) for subject in subjects}
    return {subject: DataKey(subject, wrapped) for subject, wrapped in make_keys(fresh).items()}


class _Carrier(Sealed):
    """An encrypted value as it was read, together with the data key of its row's person."""

    key: DataKey

    def __new__(cls, stored: str) -> Self:
        """Split a value that was selected by `with_key`."""
        value, subject, wrapped = stored.rsplit(" ", 2)
        made = super().__new__(cls, value)
        made.key = DataKey(subject, wrapped)
        return made


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that only the product can read, and only in its row; empty text stays empty.

    `row` names the fields that identify the row, its key by default: they are known when the row is written, and never change. `before`
    names a column that held the value unencrypted in the past: it is read while this field is empty. `person` names the column with the key
    of the person whom the row is about: if it is not null, the value is encrypted with that person's data key.
    """

    non_db_attrs = (*models.TextField.non_db_attrs, "person")

    def __init__(self, *args: Any, row: Sequence[str] = ("pk",), before: str = "", person: str = "", **options: Any) -> None:
        self.row, self.before, self.person = tuple(row), before, person
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
        if self.person:
            kwargs["person"] = self.person
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
        form, _, sealed = stored.partition(":")
        if form not in ((FORM, PERSONAL) if self.person else (FORM,)):
            raise InvalidTag
        try:
            context = self._context(instance)
            if form == PERSONAL:
                return self.read(_unsealed(key_to_open(self, instance).opened(), sealed, context))
            if self.person and known_key(instance).is_destroyed:
                # It was encrypted before the person had a key, and is not renewed yet.
                raise Erased
            return self.read(decrypt(stored, context=context))
        except (ValueError, KeyError):
            # The key is missing, or the value is not base64, too short, or not JSON.
            raise InvalidTag from None

    def seal(self, value: Any, instance: models.Model) -> str:
        """Encrypt a value for its row; InvalidTag for the placeholder of a value that could not be decrypted."""
        if isinstance(value, Unreadable):
            raise InvalidTag
        text, context = self.written(value), self._context(instance)
        if not text:
            return ""
        if self.person and getattr(instance, self.person):
            return Sealed(f"{PERSONAL}:{_sealed(key_of(self, instance, make=True).opened(), text, context)}")
        return Sealed(encrypt(text, context=context))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.seal(getattr(model_instance, self.attname), model_instance)

    def get_prep_value(self, value: Any) -> Any:
        if value and not isinstance(value, Sealed):
            raise TypeError(f"{self} is sealed for its row: write it by saving the row")
        return str(value) if value else ""

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """Add the person's data key to the first encrypted column of each selected row."""
        if not self.person:
            return sql, params
        table, _, column = sql.rpartition(".")
        carriers: dict[str, str] = compiler.__dict__.setdefault("key_carriers", {})
        if carriers.setdefault(table, column) != column:
            return sql, params
        person: Any = self.model._meta.pk if self.person == "pk" else self.model._meta.get_field(self.person)
        return with_key(sql, f'{table}."{person.column}"'), params

    def from_db_value(self, value: str | None, *_: object) -> Any:
        if value and self.person and value.count(" ") >= 2:
            return _Carrier(value)
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


_NO_KEY = DataKey("", MISSING)


def known_key(instance: models.Model) -> DataKey:
    """Return the data key that was read with a row, or a key that decrypts nothing."""
    found: DataKey = getattr(_state(instance), "data_key", _NO_KEY)
    return found


def remember_key(instance: models.Model, key: DataKey) -> None:
    """Keep the data key that was read for a row."""
    _state(instance).data_key = key


def _state(instance: models.Model) -> Any:
    return instance._state  # noqa: SLF001  (the documented state of an instance)


def key_of(field: EncryptedTextField, instance: models.Model, *, make: bool = False) -> DataKey:
    """Return the data key of a row's person: from the row, from its person, or from the database; with `make`, a missing one is made."""
    subject = subject_of(getattr(instance, field.person))
    known = known_key(instance)
    if known.subject == subject and (known.wrapped != MISSING or not make):
        return known
    person: Any = _state(instance).fields_cache.get(field.person.removesuffix("_id"))
    if person is not None and person.pk == getattr(instance, field.person):
        known = known_key(person)
        if known.subject == subject and known.wrapped != MISSING:
            return known
    if make:
        return data_keys([subject])[subject]
    return DataKey(subject, find_keys([subject]).get(subject, MISSING))


def key_to_open(field: EncryptedTextField, instance: models.Model) -> DataKey:
    """Return the data key of a row that holds a value encrypted with it.

    A statement that waited for a lock reads the row that the other transaction wrote, but not yet the key made by that transaction. The key
    is then read again.
    """
    known = known_key(instance)
    if not known.subject:
        return key_of(field, instance)
    if known.wrapped == MISSING and connection.in_atomic_block:
        known = DataKey(known.subject, find_keys([known.subject]).get(known.subject, MISSING))
        remember_key(instance, known)
    return known


@cache
def sealed_fields(model: type[models.Model]) -> tuple[EncryptedTextField, ...]:
    """Return the encrypted fields of a model."""
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField))


def open_row(instance: models.Model) -> None:
    """Decrypt the fields of a row that was just read; InvalidTag if that is impossible, except while rows are only shown (`listing`)."""
    known = instance.__dict__
    for field in sealed_fields(type(instance)):
        value = known.get(field.attname)
        if isinstance(value, _Carrier):
            remember_key(instance, value.key)
            value = known[field.attname] = value or field.read("")
        if isinstance(value, Sealed):
            known[field.attname] = _opened(field, value, instance)
        elif field.before and not value and field.attname in known:
            known[field.attname] = getattr(instance, field.before) or value


def _opened(field: EncryptedTextField, stored: Sealed, instance: models.Model) -> Any:
    try:
        return field.open(stored, instance)
    except InvalidTag as fault:
        if not isinstance(fault, Erased):
            tell_unreadable(field.model._meta.db_table, field.attname, instance.pk)
        if is_listing():
            return Unreadable()
        raise


def opened_from_db(cls: type[models.Model], db: str | None, field_names: Collection[str], values: Collection[Any]) -> models.Model:
    """Make an object from a row, as the ORM does, and decrypt its fields."""
    instance = models.Model.from_db.__func__(cls, db, field_names, values)  # type: ignore[attr-defined]
    open_row(instance)
    return instance  # type: ignore[no-any-return]
