"""Personal data at rest: AES-256-GCM for each field, keyed hashes to look it up by.

Form of a stored value: `v1:<key id>:<base64 of nonce and ciphertext>`; the field's name is bound to it.
"""

import base64
import hashlib
import hmac
import json
import os
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models


@cache
def _keys() -> dict[str, AESGCM]:
    """Return the key ring, the encrypting key first."""
    if settings.FIELD_KEYS:
        pairs = (pair.split(":", 1) for pair in settings.FIELD_KEYS.split(","))
        return {kid: AESGCM(base64.b64decode(key)) for kid, key in pairs}
    return {"k0": AESGCM(hashlib.sha256(b"field:" + settings.SECRET_KEY.encode()).digest())}


def encrypt(text: str, *, context: str) -> str:
    """Encrypt text with the newest key, bound to its context (the field's name)."""
    kid, key = next(iter(_keys().items()))
    nonce = os.urandom(12)
    sealed = nonce + key.encrypt(nonce, text.encode(), context.encode())
    return f"v1:{kid}:{base64.b64encode(sealed).decode()}"


def decrypt(stored: str, *, context: str) -> str:
    """Decrypt what `encrypt` made; raises InvalidTag where it was tampered with or belongs to another field."""
    _, kid, sealed = stored.split(":", 2)
    raw = base64.b64decode(sealed)
    return _keys()[kid].decrypt(raw[:12], raw[12:], context.encode()).decode()


def lookup_hash(text: str) -> str:
    """Return the keyed hash by which an encrypted value is looked up (hex, 64 characters)."""
    return hmac.new(settings.LOOKUP_PEPPER, text.strip().lower().encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that only the product can read; empty text stays empty."""

    def _context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value), context=self._context()) if value else ""

    def from_db_value(self, value: str | None, *_: object) -> str:
        return decrypt(value, context=self._context()) if value else ""


class EncryptedJSONField(EncryptedTextField):
    """A JSON object that only the product can read; an empty one stays empty."""

    # What the type checker is told that may be assigned and read.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(value) if value else "")

    def from_db_value(self, value: str | None, *args: object) -> Any:
        text = super().from_db_value(value, *args)
        return json.loads(text) if text else {}
