"""Keys by which agencies' programs call us: made, shown once, revoked."""

import uuid
from datetime import datetime

from accounts.models import User
from collection.agencies import hashes_of_key
from collection.models import AgencyKey
from collection.queries import lock_agency
from collection.services.agencies import MAY_MANAGE
from core.api_keys import hint_of, new_full_key
from core.db import unit
from core.errors import Conflict, NotFound, require

MOST_KEYS = 2
"""The most keys of a contract in use: one, and the next one while the agency changes over."""
PREFIX = "ak"


def make_agency_key(*, agency_id: uuid.UUID, user: User, at: datetime) -> tuple[AgencyKey, str]:
    """Make a key for an agency and return it with its full text, which is not stored.

    Forbidden without the right, NotFound; Conflict beyond two keys in use. A stopped contract gets one too, since its agency reports on.
    """
    require(user, MAY_MANAGE)
    full = new_full_key(PREFIX)
    with unit():
        agency = lock_agency(agency_id)
        if agency.keys.filter(revoked_at=None).count() >= MOST_KEYS:
            raise Conflict("There are two keys in use, which is the most there can be. Revoke one first.", code="agency.too_many_keys")
        told = {"hint": hint_of(full), "key_hash": hashes_of_key(full)[0], "made_by": str(user.pk), "made_at": at}
        return AgencyKey.objects.create(agency=agency, **told), full


def revoke_agency_key(*, agency_id: uuid.UUID, key_id: uuid.UUID, user: User, at: datetime) -> AgencyKey:
    """Revoke a key of an agency from now on. Safe to repeat. Forbidden without the right, NotFound."""
    require(user, MAY_MANAGE)
    with unit():
        key = lock_agency(agency_id).keys.filter(pk=key_id).first()
        if key is None:
            raise NotFound("There is no such API key.")
        if key.revoked_at is None:
            key.revoked_by, key.revoked_at = str(user.pk), at
            key.save(update_fields=["revoked_by", "revoked_at"])
    return key


def renew_agency_key_hash(*, key: AgencyKey, full_key: str) -> None:
    """Store a key under the hash by the newest look-up key, so that the old one can be removed; at most one write per rotation."""
    newest = hashes_of_key(full_key)[0]
    if key.key_hash != newest:
        AgencyKey.objects.filter(pk=key.pk, key_hash=key.key_hash, revoked_at=None).update(key_hash=newest)
        key.key_hash = newest
