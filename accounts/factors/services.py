"""Adding, using and removing factors."""

import uuid
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import F
from webauthn.helpers import bytes_to_base64url

from accounts.errors import FactorWrong, PasskeyRefused
from accounts.events import SecurityChanged, StaffFactorChanged
from accounts.factors import apps_with_codes, queries
from accounts.factors.ceremonies import Asked, Site, id_in, read_made, read_used
from accounts.factors.models import Authenticator, Passkey, PasskeyUse, RecoveryCode
from accounts.factors.queries import Owner, owned_by
from accounts.models.people import Consumer, User
from core import outbox
from core.db import unit, wait_lock
from core.errors import Conflict, TooMany
from core.sentences import Sentence

TRIES, TRIES_FOR = 5, timedelta(minutes=15)
"""So many wrong codes of an app are taken within so long; whoever types them has the right password already."""
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
    else:
        _end_sessions(owner)
        outbox.append(StaffFactorChanged(user=str(owner.pk), what=what), at=at)


def begin_authenticator(*, user: User, at: datetime) -> Authenticator:
    """Begin to set up a user's app with codes, or go on with it; Conflict if they have one. `at` is real time."""
    with unit():
        wait_lock(f"factors:{user.pk}")
        found = queries.find_authenticator(user.pk)
        if found is not None and found.confirmed_at is not None:
            raise Conflict("You have an app with codes already.")
        return found or Authenticator.objects.create(user=user, secret=apps_with_codes.new_secret(), made_at=at)


def confirm_authenticator(*, user: User, code: str, wall: datetime, at: datetime) -> list[str]:
    """Take the first code of a user's app, and return their recovery codes, which nobody can read again; the user is told.

    All sessions of the user end; the door keeps its own. FactorWrong names `code`. `wall` is real time, by which apps go.
    """
    with unit():
        found = queries.lock_authenticator(user.pk)
        if found is None or found.confirmed_at is not None:
            raise Conflict("There is no app to confirm. Begin again.")
        step = apps_with_codes.step_of(found.secret, apps_with_codes.digits_of(code), wall, after=0)
        if step is None:
            raise _wrong()
        _end_sessions(user)
        found.confirmed_at, found.last_step = wall, step
        found.save(update_fields=["confirmed_at", "last_step"])
        fresh = [apps_with_codes.new_recovery_code() for _ in range(apps_with_codes.RECOVERY_CODES)]
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(authenticator=found, code_hash=apps_with_codes.hash_of(one, found.pk)) for one in fresh]
        )
        outbox.append(StaffFactorChanged(user=str(user.pk), what="app_added"), at=at)
    return fresh


def check_factor(*, user: User, code: str, wall: datetime, at: datetime) -> bool:
    """Check a code of a user's app, or a recovery code, which is then used up; return whether it was one of the app.

    FactorWrong names `code`; TooMany after five wrong ones within a quarter of an hour. A code of the app works once.
    """
    with unit():
        found = queries.lock_authenticator(user.pk)
        if found is None or found.confirmed_at is None:
            raise Conflict("There is no app with codes.")
        if _take_recovery(found, code, wall):
            outbox.append(StaffFactorChanged(user=str(user.pk), what="recovery_used"), at=at)
            return False
        if found.failed_from is None or wall - found.failed_from >= TRIES_FOR:
            found.failed, found.failed_from = 0, wall
        if found.failed >= TRIES:
            wait = max(1, int((found.failed_from + TRIES_FOR - wall).total_seconds()))
            raise TooMany("There were too many wrong codes. Wait 15 minutes, or use a recovery code.", retry_after_s=wait)
        step = apps_with_codes.step_of(found.secret, apps_with_codes.digits_of(code), wall, after=found.last_step)
        if step is None:
            found.failed += 1
        else:
            found.failed, found.last_step = 0, step
        found.save(update_fields=["failed", "failed_from", "last_step"])
    if step is None:
        raise _wrong()
    return True


def remove_authenticator(*, user: User, actor: str, wall: datetime, at: datetime) -> None:
    """Remove a user's app with codes and their passkeys, end all their sessions, and tell them.

    The door has just checked a code, or two people agreed.
    """
    with unit():
        found = queries.lock_authenticator(user.pk)
        if found is None:
            return
        _end_sessions(user)
        found.ended_at = wall
        found.save(update_fields=["ended_at"])
        Passkey.objects.filter(user=user, ended_at=None).update(ended_at=at, ended_by=actor)
        outbox.append(StaffFactorChanged(user=str(user.pk), what="app_removed"), at=at)


def end_sessions(*, user: User, at: datetime) -> None:
    """End all sessions of a user, and tell them; a door that keeps its own gives it the new mark (`update_session_auth_hash`)."""
    with unit():
        _end_sessions(user)
        outbox.append(StaffFactorChanged(user=str(user.pk), what="signed_out"), at=at)


def _end_sessions(user: User) -> None:
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])


def _take_recovery(found: Authenticator, code: str, wall: datetime) -> bool:
    hashed = apps_with_codes.hash_of(code, found.pk)
    return bool(RecoveryCode.objects.filter(authenticator=found, code_hash=hashed, used_at=None).update(used_at=wall))


def _wrong() -> FactorWrong:
    sentence = Sentence("This is not the present code of your app.")
    return FactorWrong(sentence, fields={"code": sentence})
