"""Authenticates agencies' calls by the key of their contract. One query, and one write when a key is first used after a rotation."""

from dataclasses import dataclass
from typing import Any, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from collection.agencies import find_agency_key
from collection.models import Agency, AgencyKey
from collection.services import renew_agency_key_hash
from collection.services.agency_keys import PREFIX
from core.api.keys import sent_key
from core.errors import Unauthenticated
from core.sentences import marked

HOW = marked("Send the key as: Authorization: Bearer ak_...")


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
        full_key = sent_key(request, PREFIX, how=HOW)
        if full_key is None:
            raise Unauthenticated(HOW)
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
