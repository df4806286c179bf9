"""Reads of passkeys."""

import uuid
from hashlib import sha256

from accounts.factors.models import Passkey
from accounts.models.people import Consumer, User
from core.errors import NotFound

Owner = Consumer | User


def owned_by(owner: Owner) -> dict[str, Owner]:
    """Return the condition that a row is this consumer's, or this user's."""
    return {"consumer": owner} if isinstance(owner, Consumer) else {"user": owner}


def list_passkeys(owner: Owner) -> list[Passkey]:
    """Return a person's passkeys that were not removed, oldest first."""
    return list(Passkey.objects.filter(**owned_by(owner), ended_at=None).order_by("id"))


def hash_of(credential: bytes) -> str:
    """Return the hash by which a passkey is found."""
    return sha256(credential).hexdigest()


def lock_passkey(passkey_id: uuid.UUID, owner: Owner) -> Passkey:
    """Lock a passkey of a person until the transaction ends; NotFound for another's."""
    found = Passkey.objects.select_for_update(of=("self",), no_key=True).filter(pk=passkey_id, **owned_by(owner)).first()
    if found is None:
        raise NotFound("There is no such passkey.")
    return found


def lock_used_passkey(credential: bytes, host: str) -> Passkey | None:
    """Lock the passkey of a host with an id, if it was not removed, until the transaction ends; None if there is none."""
    mine = Passkey.objects.select_for_update(of=("self",), no_key=True).select_related("consumer__market", "user")
    return mine.filter(credential_hash=hash_of(credential), host=host, ended_at=None).first()
