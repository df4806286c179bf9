"""Adding, using and removing passkeys."""

import uuid
from datetime import datetime
from hashlib import sha256

from webauthn.helpers import bytes_to_base64url

from accounts.errors import PasskeyRefused
from accounts.events import SecurityChanged
from accounts.factors import queries
from accounts.factors.ceremonies import Asked, Site, id_in, read_made, read_used
from accounts.factors.models import Passkey, PasskeyUse
from accounts.factors.queries import Owner, owned_by
from accounts.models.people import Consumer
from core import outbox
from core.db import unit, wait_lock

MOST = 10
"""A person has at most so many passkeys."""


def add_passkey(*, owner: Owner, answer: str, asked: Asked | None, site: Site, device: str, actor: str, at: datetime) -> Passkey:
    """Keep the passkey that a person's browser made, and tell the person; PasskeyRefused if the answer does not hold, or there are ten.

    The door has just made sure who the person is.
    """
    if asked is None or not asked.is_open(at):
        raise PasskeyRefused("The passkey could not be added. Try again.")
    made = read_made(answer, asked, site)
    with unit():
        wait_lock(f"factors:{owner.pk}")
        known = queries.hash_of(made.credential_id)
        wait_lock(f"passkey:{known}")
        if Passkey.objects.filter(credential_hash=known).exists():
            raise PasskeyRefused("The passkey could not be added. Try again.")
        if len(queries.list_passkeys(owner)) >= MOST:
            raise PasskeyRefused("You have ten passkeys. Remove one that you no longer use.")
        fresh = Passkey(
            **owned_by(owner),
            credential_hash=known,
            credential=bytes_to_base64url(made.credential_id),
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
            host=site.host,
            device=device[:60],
            made_at=at,
        )
        fresh.save(force_insert=True)
        _tell(owner, "passkey_added", fresh.public_id, at)
    return fresh


def use_passkey(*, answer: str, asked: Asked | None, site: Site, owner: Owner | None = None, at: datetime) -> Passkey:
    """Return the passkey with which a person has answered, with its owner, and keep its use; with `owner`, only theirs counts.

    PasskeyRefused, always in the same words: for one that is unknown, removed or of another host, an answer to something else, one given
    before, or one without the person's finger, face or number.
    """
    credential = id_in(answer)
    refused = PasskeyRefused("That passkey does not sign you in here. Use a one-time code instead.")
    if asked is None or not asked.is_open(at):
        raise refused
    with unit():
        found = queries.lock_used_passkey(credential, site.host)
        if found is None or (owner is not None and owner not in (found.consumer, found.user)):
            raise refused
        used = read_used(answer, asked, site, public_key=found.public_key, sign_count=found.sign_count)
        signed = sha256(asked.challenge.encode()).hexdigest()
        if PasskeyUse.objects.filter(challenge_hash=signed).exists():
            raise refused
        PasskeyUse.objects.create(passkey=found, challenge_hash=signed, at=at)
        found.sign_count, found.used_at = used.new_sign_count, at
        found.save(update_fields=["sign_count", "used_at"])
    return found


def remove_passkey(*, owner: Owner, passkey_id: uuid.UUID, actor: str, at: datetime) -> None:
    """Remove a passkey of a person, and tell them; one that was removed before stays as it is. NotFound for another's."""
    with unit():
        found = queries.lock_passkey(passkey_id, owner)
        if found.ended_at is not None:
            return
        found.ended_at, found.ended_by = at, actor
        found.save(update_fields=["ended_at", "ended_by"])
        _tell(owner, "passkey_removed", found.public_id, at)


def _tell(owner: Owner, what: str, reference: str, at: datetime) -> None:
    if isinstance(owner, Consumer):
        outbox.append(SecurityChanged(consumer=owner.public_id, what=what, reference=reference), at=at)
