"""Reads of factors."""

import uuid
from datetime import timedelta
from hashlib import sha256

from accounts.factors.models import Authenticator, Passkey
from accounts.models.people import Consumer, User
from accounts.settable import FRESH_MINUTES
from core.adjusting import value_of
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


def find_authenticator(user_id: uuid.UUID) -> Authenticator | None:
    """Return a user's app with codes, confirmed or being set up; None if they have none."""
    return Authenticator.objects.filter(user=user_id, ended_at=None).first()


def has_authenticator(user_id: uuid.UUID) -> bool:
    """Return whether a user has a confirmed app with codes."""
    return Authenticator.objects.filter(user=user_id, ended_at=None, confirmed_at__isnull=False).exists()


def lock_authenticator(user_id: uuid.UUID) -> Authenticator | None:
    """Lock a user's app with codes until the transaction ends; None if they have none."""
    return Authenticator.objects.select_for_update(of=("self",), no_key=True).filter(user=user_id, ended_at=None).first()


def fresh_for() -> timedelta:
    """Return for how long nothing asks again who has shown who they are."""
    return timedelta(minutes=value_of(FRESH_MINUTES))
