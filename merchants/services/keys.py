"""API keys: made, shown once, revoked."""

import secrets
import string
import uuid
from datetime import datetime

from django.conf import settings

from core.db import unit
from core.errors import Conflict, refuse
from merchants.models import ApiKey, Merchant
from merchants.queries import hash_key, lock_api_key, lock_merchant
from merchants.services.history import record_change

KINDS = {"secret": "sk", "publishable": "pk"}
MAX_ACTIVE = 50
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 40


def create_api_key(*, merchant: Merchant, kind: str, name: str, actor: str, at: datetime) -> tuple[ApiKey, str]:
    """Make a key of a kind (secret, publishable) and return it with its full text, which is kept nowhere.

    Invalid names the field; Conflict beyond 50 keys in use.
    """
    refuse(
        {
            "kind": "" if kind in KINDS else "must be secret or publishable",
            "name": "" if 1 <= len(name.strip()) <= 60 else "must have 1 to 60 characters",
        }
    )
    full = f"{KINDS[kind]}_{settings.MODE}_{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"
    with unit():
        lock_merchant(merchant.id)
        if ApiKey.objects.filter(merchant=merchant, revoked_at=None).count() >= MAX_ACTIVE:
            raise Conflict("There are 50 keys in use, which is the most there can be. Revoke one first.", code="keys.too_many")
        key = ApiKey.objects.create(
            merchant=merchant, kind=kind, name=name.strip(), hint=hint_of(full), key_hash=hash_key(full), created_at=at, created_by=actor
        )
        record_change(merchant=merchant, kind="key_created", subject=key.hint, actor=actor, at=at, name=key.name)
    return key, full


def hint_of(full_key: str) -> str:
    """Return what may be shown of a key: its prefix and its last four characters."""
    return f"{full_key[: full_key.rindex('_') + 1]}...{full_key[-4:]}"


def revoke_api_key(*, key_id: uuid.UUID, merchant: Merchant, actor: str, at: datetime) -> ApiKey:
    """Revoke a merchant's own key from now on; revoking twice is revoking once. NotFound."""
    with unit():
        key = lock_api_key(key_id, merchant)
        if key.revoked_at is None:
            key.revoked_at = at
            key.save(update_fields=["revoked_at"])
            record_change(merchant=merchant, kind="key_revoked", subject=key.hint, actor=actor, at=at, name=key.name)
    return key
