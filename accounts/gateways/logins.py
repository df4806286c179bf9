"""Signing in by other companies: OpenID Connect (Google, Apple) and OAuth 2.0 (Facebook), by the library Authlib.

Each visit has a state, a nonce and a PKCE verifier (RFC 7636) of its own. Of the answer, the company's name for the person and their e-mail
address are read, and nothing is kept.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from accounts.gateways.base import ProviderUnavailable
from core.clock import wall
from core.providers import Account

TIMEOUT_S = 5
KEYS_S = 3600
"""The seconds for which a company's addresses and keys are kept."""
ALGORITHMS = ["RS256", "ES256"]
LEEWAY_S = 60
DISCOVERY = "/.well-known/openid-configuration"
IN_SANDBOX = "kvart-sandbox"
"""The client id at the sandbox's companies, whose secret is the sandbox's key."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Began:
    """A visit to a company: the address that the browser is led to, and what this side keeps until it comes back."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Told:
    """Who came back: the hash of the company's name for the person, and their e-mail address there, or an empty text."""

    subject_hash: str
    email: str


class OpenIdLogins:
    """An account with a company that speaks OpenID Connect."""

    form_post = False
    """Whether the company sends the browser back by a form, as Apple does where an address is asked for."""

    def __init__(self, *, issuer: str, client: str, secret: Callable[[], str], front: str = "") -> None:
        """Keep the company's issuer; `front` is the origin of its pages where that differs from the issuer's, as in a sandbox."""
        self.issuer, self.client, self._secret, self._front = issuer.rstrip("/"), client, secret, front
        self._found: tuple[float, dict[str, Any]] = (float("-inf"), {})
        self._keys: tuple[float, KeySet | None] = (float("-inf"), None)

    def begin(self, back: str) -> Began:
        """Return a visit that ends at the address `back`; ProviderUnavailable."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        page = str(_asked(lambda: self._addresses()["authorization_endpoint"]))
        if self._front:
            page = self._front + urlsplit(page).path
        more = {"response_mode": "form_post"} if self.form_post else {}
        address, state = self._session(back).create_authorization_url(page, code_verifier=verifier, nonce=nonce, **more)
        return Began(address, state, nonce, verifier)

    def finish(self, *, code: str, back: str, nonce: str, verifier: str) -> Told:
        """Return who came back with a code; ProviderUnavailable, also where the answer is not what was asked for."""
        return _asked(lambda: self._read(self._fetch(code, back, verifier), nonce))

    def health(self) -> None:
        """Read the company's addresses and keys; ProviderUnavailable."""
        _asked(self._key_set)

    def _fetch(self, code: str, back: str, verifier: str) -> dict[str, Any]:
        where = self._addresses()["token_endpoint"]
        token: dict[str, Any] = self._session(back).fetch_token(where, code=code, code_verifier=verifier, timeout=TIMEOUT_S)
        return token

    def _read(self, token: dict[str, Any], nonce: str) -> Told:
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._addresses()["issuer"]},
            aud={"essential": True, "value": self.client},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            sub={"essential": True},
        )
        read = jwt.decode(token["id_token"], self._key_set(), algorithms=ALGORITHMS).claims
        registry.validate(read)
        verified = read.get("email_verified") in (True, "true")
        return Told(_hash(self.issuer, read["sub"]), str(read.get("email") or "") if verified else "")

    def _session(self, back: str) -> OAuth2Session:
        made = OAuth2Session(
            self.client,
            self._secret(),
            scope="openid email",
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106  (the name of a way)
        )
        made.trust_env = False
        return made

    def _addresses(self) -> dict[str, Any]:
        at, found = self._found
        if time.monotonic() - at > KEYS_S:
            found = _get(self.issuer + DISCOVERY)
            self._found = time.monotonic(), found
        return found

    def _key_set(self) -> KeySet:
        at, keys = self._keys
        if keys is None or time.monotonic() - at > KEYS_S:
            found: Any = _get(self._addresses()["jwks_uri"])
            keys = KeySet.import_key_set(found)
            self._keys = time.monotonic(), keys
        return keys


class AppleLogins(OpenIdLogins):
    """Sign in with Apple, whose secret is a token that the team's key signs for some minutes."""

    form_post = True


class FacebookLogins:
    """Facebook Login, which speaks OAuth 2.0 alone: who came back is asked with the token. Nobody says that their address was verified."""

    form_post = False

    def __init__(self, *, pages: str, graph: str, client: str, secret: str) -> None:
        self._pages, self._graph, self.client, self._key = pages.rstrip("/"), graph.rstrip("/"), client, secret

    def begin(self, back: str) -> Began:
        """Return a visit that ends at the address `back`."""
        verifier = secrets.token_urlsafe(48)
        address, state = self._session(back).create_authorization_url(f"{self._pages}/dialog/oauth", code_verifier=verifier)
        return Began(address, state, "", verifier)

    def finish(self, *, code: str, back: str, nonce: str, verifier: str) -> Told:
        """Return who came back with a code; ProviderUnavailable."""
        return _asked(lambda: self._read(code, back, verifier))

    def health(self) -> None:
        """Ask for the app by its own token; ProviderUnavailable."""
        _asked(lambda: _get(f"{self._graph}/app", access_token=f"{self.client}|{self._key}")["id"])

    def _read(self, code: str, back: str, verifier: str) -> Told:
        where = f"{self._graph}/oauth/access_token"
        token = self._session(back).fetch_token(where, code=code, code_verifier=verifier, timeout=TIMEOUT_S)["access_token"]
        proof = hmac.new(self._key.encode(), token.encode(), hashlib.sha256).hexdigest()
        me = _get(f"{self._graph}/me", fields="id,email", access_token=token, appsecret_proof=proof)
        return Told(_hash("facebook", me["id"]), str(me.get("email") or ""))

    def _session(self, back: str) -> OAuth2Session:
        made = OAuth2Session(
            self.client,
            self._key,
            scope="email",
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106  (the name of a way)
        )
        made.trust_env = False
        return made


def google(account: Account) -> OpenIdLogins:
    """Return the client of an account with Google."""
    values = account.values
    return OpenIdLogins(issuer=values["issuer"], client=values["client"], secret=lambda: values["secret"])


def apple(account: Account) -> AppleLogins:
    """Return the client of an account with Apple."""
    values = account.values

    def secret() -> str:
        now = int(wall().timestamp())
        told = {"iss": values["team"], "iat": now, "exp": now + 300, "aud": values["issuer"], "sub": values["client"]}
        return jwt.encode({"alg": "ES256", "kid": values["key_id"]}, told, ECKey.import_key(values["key"].replace("\\n", "\n")))

    return AppleLogins(issuer=values["issuer"], client=values["client"], secret=secret)


def facebook(account: Account) -> FacebookLogins:
    """Return the client of an account with Facebook."""
    values = account.values
    return FacebookLogins(pages=values["pages"], graph=values["graph"], client=values["client"], secret=values["secret"])


def sandbox_google(account: Account) -> OpenIdLogins:
    """Return the sandbox's Google."""
    return _of_sandbox("google", OpenIdLogins)


def sandbox_apple(account: Account) -> OpenIdLogins:
    """Return the sandbox's Apple, which sends browsers back by a form."""
    return _of_sandbox("apple", AppleLogins)


def sandbox_facebook(account: Account) -> FacebookLogins:
    """Return the sandbox's Facebook."""
    pages, graph = (f"{where}/openid/facebook" for where in (settings.SANDBOX_PUBLIC_URL, settings.SANDBOX_URL))
    return FacebookLogins(pages=pages, graph=graph, client=IN_SANDBOX, secret=settings.SANDBOX_KEY)


def _of_sandbox(company: str, kind: type[OpenIdLogins]) -> OpenIdLogins:
    issuer = f"{settings.SANDBOX_URL}/openid/{company}"
    return kind(issuer=issuer, client=IN_SANDBOX, secret=lambda: settings.SANDBOX_KEY, front=settings.SANDBOX_PUBLIC_URL)


def _hash(issuer: str, subject: str) -> str:
    return hashlib.sha256(f"{issuer}|{subject}".encode()).hexdigest()


def _get(address: str, **query: str) -> dict[str, Any]:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(address, params=query, timeout=TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def _asked(call: Callable[[], T]) -> T:
    """Return what a company answers; ProviderUnavailable for a missing, refused, unreadable or forged answer."""
    try:
        return call()
    except (requests.RequestException, AuthlibBaseError, JoseError, LookupError, TypeError, ValueError) as error:
        # What they say may hold a code or a token.
        raise ProviderUnavailable(type(error).__name__) from None
