"""Authenticates API calls by a merchant's key. One query, and one write when a key is first used after the look-up key was rotated."""

from dataclasses import dataclass
from typing import Any, cast

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from brands.queries import brand_of
from core.api.keys import sent_key
from core.errors import Forbidden, Unauthenticated
from core.sentences import Sentence, marked
from merchants.models import ApiKey, Merchant
from merchants.queries import find_api_key
from merchants.services import renew_key_hash

HOW = marked("Send the key as: Authorization: Bearer sk_...")


@dataclass(frozen=True, slots=True)
class Caller:
    """A merchant who calls by key. `actor` is recorded with its actions; `scope` separates its idempotency keys from others'."""

    merchant: Merchant
    key: ApiKey

    is_authenticated = True
    is_active = True

    @property
    def pk(self) -> str:
        """The key's own id."""
        return self.key.public_id

    @property
    def actor(self) -> str:
        """The actor in histories."""
        return f"key:{self.key.hint}"

    @property
    def scope(self) -> str:
        """The owner of idempotency keys."""
        return self.merchant.public_id


def caller(request: Request) -> Caller:
    """Return the caller; use only with ApiKeyAuthentication and a permission that requires a key."""
    return cast("Caller", request.user)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sk_sandbox_...`; the key carries the installation's mode in its prefix."""

    def authenticate(self, request: Request) -> tuple[Caller, ApiKey] | None:
        """Return the caller; None if no key was sent, Unauthenticated if it is invalid."""
        full_key = sent_key(request, "sk", "pk", how=HOW)
        if full_key is None:
            return None
        key = find_api_key(full_key)
        if key is None or key.merchant.brand_id != brand_of(request).code:
            raise Unauthenticated("This key is not valid. It may have been revoked.", code="key_not_valid")
        renew_key_hash(key=key, full_key=full_key)
        return Caller(key.merchant, key), key

    def authenticate_header(self, request: Request) -> str:
        """Return the `WWW-Authenticate` header."""
        return 'Bearer realm="api"'


def scope_of(view: Any, method: str) -> str | None:
    """Return the scope that a key needs for a method of a view; None for a method that the view does not have."""
    scope: str | None = view.scopes.get("GET" if method == "HEAD" else method)
    return scope


def require_scope(request: Request, scope: str) -> None:
    """Raise Forbidden if the caller's key lacks a scope."""
    if scope not in caller(request).key.scopes:
        raise Forbidden(
            Sentence("This key may not do this. It takes a key with the scope %(scope)s.", scope=scope), code="key.scope_missing"
        )


class HasSecretKey(BasePermission):
    """Permission for calls that read or change a merchant's own objects: a view's `scopes` has the required scope by method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether a secret key was sent; Forbidden for a publishable one, and for one that lacks the scope."""
        key = request.auth
        if not isinstance(key, ApiKey):
            return False
        if key.kind != "secret":
            raise Forbidden("This call needs a secret key. Publishable keys only show plans.", code="secret_key_needed")
        wanted = scope_of(view, request.method or "")
        if wanted is not None:
            require_scope(request, wanted)
        # No scope is required for methods that the view does not have. A method that it has but does not name in `scopes` is forbidden for
        # all keys.
        return wanted is not None or not hasattr(view, (request.method or "").lower())


class HasAnyKey(BasePermission):
    """Permission for calls that a shop's page may make with a publishable key."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether any valid key was sent."""
        return isinstance(request.auth, ApiKey)


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes API keys in the OpenAPI schema."""

    target_class = "merchants.api.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "Your secret key: `sk_sandbox_...`. Keep it on your server."}
