"""Authenticates agencies' calls by the key of their contract. One query, and one write when a key is first used after a rotation."""

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from collection.agencies import find_agency_key
from collection.models import Agency, AgencyKey
from collection.services import renew_agency_key_hash
from collection.services.agency_keys import PREFIX
from core.errors import Unauthenticated
from core.sentences import Sentence

MAX_KEY_LENGTH = 120


@dataclass(frozen=True, slots=True)
class AgencyCaller:
    """An agency that calls by key; `actor` is recorded with what it reports, `scope` is what its calls are counted by."""

    agency: Agency

    is_authenticated = True
    is_active = True

    @property
    def pk(self) -> str:
        """The agency's own id."""
        return self.agency.public_id

    @property
    def actor(self) -> str:
        """The actor in histories, the same as that of reports in the agency's directory."""
        return f"agency:{self.agency.public_id}"

    @property
    def scope(self) -> str:
        """The owner of the rate limit."""
        return self.agency.public_id


def caller(request: Request) -> AgencyCaller:
    """Return the caller; use only with AgencyKeyAuthentication and HasAgencyKey."""
    return cast("AgencyCaller", request.user)


class AgencyKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ak_sandbox_...`; the key carries the installation's mode in its prefix."""

    def authenticate(self, request: Request) -> tuple[AgencyCaller, AgencyKey]:
        """Return the caller; Unauthenticated without a valid key."""
        scheme, _, full_key = request.headers.get("Authorization", "").strip().partition(" ")
        full_key = full_key.strip()
        if scheme.lower() != "bearer" or not full_key or len(full_key) > MAX_KEY_LENGTH or not full_key.isascii():
            raise Unauthenticated("Send the key as: Authorization: Bearer ak_...")
        if full_key.startswith(PREFIX) and not full_key.startswith(f"{PREFIX}{settings.MODE}_"):
            raise Unauthenticated(Sentence("This installation takes %(mode)s keys only.", mode=settings.MODE), code="key_of_other_mode")
        key = find_agency_key(full_key)
        if key is None:
            raise Unauthenticated("This key is not valid. It may have been revoked.", code="key_not_valid")
        renew_agency_key_hash(key=key, full_key=full_key)
        return AgencyCaller(key.agency), key

    def authenticate_header(self, request: Request) -> str:
        """Return the `WWW-Authenticate` header."""
        return 'Bearer realm="api"'


class HasAgencyKey(BasePermission):
    """Permission for an agency's own calls."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether an agency's valid key was sent."""
        return isinstance(request.auth, AgencyKey)
