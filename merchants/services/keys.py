"""API keys: made, shown once, revoked."""

import uuid
from collections.abc import Collection
from datetime import datetime

from core.api_keys import hint_of, new_full_key
from core.characters import visible
from core.db import unit
from core.errors import Conflict, Forbidden, refuse
from core.sentences import Sentence
from merchants.models import ApiKey, Merchant
from merchants.queries import hash_key, lock_api_key, lock_merchant, scopes_within
from merchants.rules import SCOPES
from merchants.services.history import record_change

KINDS = {"secret": "sk", "publishable": "pk"}
MAX_ACTIVE = 50


def create_api_key(
    *, merchant: Merchant, kind: str, name: str, actor: str, at: datetime, scopes: Collection[str] | None = None
) -> tuple[ApiKey, str]:
    """Make a key of a kind (secret, publishable) and return it with its full text, which is not stored.

    A secret key has the scopes `scopes`, which never exceed its maker's; without `scopes` it has all of its maker's.
    Invalid names the field; Forbidden beyond the maker's own rights; Conflict beyond 50 keys in use.
    """
    shown = visible(name)
    refuse(
        {
            "kind": "" if kind in KINDS else Sentence("must be secret or publishable"),
            "name": "" if 1 <= len(shown) <= 60 else Sentence("must have 1 to 60 characters"),
            "scopes": "" if SCOPES.keys() >= set(scopes or ()) else Sentence("must be of %(names)s", names=", ".join(SCOPES)),
        }
    )
    full = new_full_key(KINDS[kind])
    with unit():
        lock_merchant(merchant.id)
        if ApiKey.objects.filter(merchant=merchant, revoked_at=None).count() >= MAX_ACTIVE:
            raise Conflict("There are 50 keys in use, which is the most there can be. Revoke one first.", code="keys.too_many")
        key = ApiKey.objects.create(
            merchant=merchant,
            kind=kind,
            name=shown,
            hint=hint_of(full),
            scopes=_scopes(merchant, actor, scopes) if kind == "secret" else [],
            key_hash=hash_key(full),
            created_at=at,
            created_by=actor,
        )
        record_change(merchant=merchant, kind="key_created", subject=key.hint, actor=actor, at=at, name=key.name, scopes=key.scopes)
    return key, full


def renew_key_hash(*, key: ApiKey, full_key: str) -> None:
    """Store a key under the hash by the newest look-up key, so that the old look-up key can be removed; at most one write per rotation."""
    newest = hash_key(full_key)
    if key.key_hash != newest:
        ApiKey.objects.filter(pk=key.pk, key_hash=key.key_hash, revoked_at=None).update(key_hash=newest)
        key.key_hash = newest


def _scopes(merchant: Merchant, actor: str, wanted: Collection[str] | None) -> list[str]:
    """Return the scopes of a new key, in fixed order; Forbidden if its maker lacks one, or may not make keys."""
    given = scopes_within(merchant, actor)
    chosen = given if wanted is None else set(wanted)
    if not given or not chosen <= given:
        beyond = ", ".join(sorted(chosen - given)) or "anything"
        raise Forbidden(
            Sentence("Your role does not allow you to let a key do this: %(scopes)s.", scopes=beyond), code="team.role_not_enough"
        )
    return [scope for scope in SCOPES if scope in chosen]


def revoke_api_key(*, key_id: uuid.UUID, merchant: Merchant, actor: str, at: datetime) -> ApiKey:
    """Revoke a merchant's own key from now on. Safe to repeat. NotFound."""
    with unit():
        key = lock_api_key(key_id, merchant)
        if key.revoked_at is None:
            key.revoked_at = at
            key.save(update_fields=["revoked_at"])
            record_change(merchant=merchant, kind="key_revoked", subject=key.hint, actor=actor, at=at, name=key.name)
    return key
