"""How values were encrypted when migrations encrypted them: frozen. Today's way is `core.crypto`.

`v2:<key id>:<base64>` is encrypted with a key of the installation, `v3:<base64>` with the data key of a person, which `core_subjectkey`
holds wrapped. Both are bound to a context: the table, the column and the row's key.
"""

import base64
import hashlib
import json
import os
from collections.abc import Collection
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, models

from core.crypto import EncryptedJSONField, EncryptedTextField

PERSONAL = "v3:"
_MAKE = """
    INSERT INTO core_subjectkey (subject, wrapped, created_at)
    SELECT w.subject, w.wrapped, now() FROM unnest(%s::text[], %s::text[]) AS w (subject, wrapped) ORDER BY w.subject
    ON CONFLICT (subject) DO NOTHING"""
_FIND = "SELECT subject, wrapped FROM core_subjectkey WHERE subject = ANY(%s)"


def _keys() -> dict[str, AESGCM]:
    """Return the keys of the installation, the encrypting one first."""
    if settings.FIELD_KEYS:
        pairs = (pair.split(":", 1) for pair in settings.FIELD_KEYS.split(","))
        return {kid: AESGCM(base64.b64decode(key)) for kid, key in pairs}
    return {"k0": AESGCM(hashlib.sha256(b"field:" + settings.SECRET_KEY.encode()).digest())}


def newest_form() -> str:
    """Return the prefix of what is encrypted with the newest key."""
    return f"v2:{next(iter(_keys()))}:"


def encrypt(text: str, *, context: str) -> str:
    """Encrypt text with the newest key of the installation."""
    return newest_form() + sealed(next(iter(_keys().values())), text, context)


def decrypt(stored: str, *, context: str) -> str:
    """Decrypt what a key of the installation encrypted; InvalidTag where it belongs elsewhere."""
    _, kid, value = stored.split(":", 2)
    raw = base64.b64decode(value)
    return _keys()[kid].decrypt(raw[:12], raw[12:], context.encode()).decode()


def sealed(key: AESGCM, text: str, context: str) -> str:
    """Encrypt text with a key, as base64 of nonce and ciphertext."""
    nonce = os.urandom(12)
    return base64.b64encode(nonce + key.encrypt(nonce, text.encode(), context.encode())).decode()


def personal_keys(people: Collection[object]) -> dict[str, AESGCM | None]:
    """Return the data keys of people by their id, missing ones made; None for a key that was destroyed."""
    subjects = {f"consumer:{person}": str(person) for person in people}
    fresh = [encrypt(base64.b64encode(os.urandom(32)).decode(), context=_wrapping(subject)) for subject in subjects]
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [list(subjects), fresh])
        cursor.execute(_FIND, [list(subjects)])
        return {subjects[subject]: _unwrapped(subject, wrapped) for subject, wrapped in cursor.fetchall()}


def _unwrapped(subject: str, wrapped: str) -> AESGCM | None:
    return AESGCM(base64.b64decode(decrypt(wrapped, context=_wrapping(subject)))) if wrapped else None


def _wrapping(subject: str) -> str:
    return f"core_subjectkey.wrapped:{subject}"


def sealed_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    """Return the encrypted fields of a model of a migration."""
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def text_of(field: EncryptedTextField, value: Any) -> str:
    """Return the text that is encrypted for a value that is not empty."""
    return json.dumps(value) if isinstance(field, EncryptedJSONField) else str(value)
