"""What a browser is asked for a passkey, and what its answer shows: WebAuthn level 3, by the library `webauthn`. No rows are read here."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from accounts.errors import PasskeyRefused

VALID = timedelta(minutes=5)
"""For so long a browser may take for its answer; the person looks for their phone or a key meanwhile."""
MOST_ANSWER = 20_000
"""An answer is shorter than this, in characters; longer ones are not read."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the person is: the host, which is the id of the party that relies on the key, and the origin of the page."""

    host: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser was asked: the challenge as base64url, and when. It is kept in the browser's session, and works once."""

    challenge: str
    at: datetime

    def is_open(self, at: datetime) -> bool:
        """Return whether it may still be answered."""
        return timedelta(0) <= at - self.at <= VALID


def ask_to_make(site: Site, *, owner: bytes, name: str, known: Iterable[str]) -> str:
    """Return what a browser needs to make a passkey, as JSON; `known` are the ids of those that the person has."""
    asked = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=owner,
        user_name=name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
    )
    return options_to_json(asked)


def ask_to_use(site: Site, known: Iterable[str] = ()) -> str:
    """Return what a browser needs to use a passkey, as JSON: one of those that are `known`, or any that it has for the host."""
    allowed = [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]
    asked = generate_authentication_options(
        rp_id=site.host, allow_credentials=allowed, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(asked)


def challenge_of(options: str) -> str:
    """Return the challenge in what a browser is asked."""
    return str(json.loads(options)["challenge"])


def read_made(answer: str, asked: Asked, site: Site) -> VerifiedRegistration:
    """Return the passkey that a browser made; PasskeyRefused if the answer is not one to what was asked, here and by its person."""
    _check_size(answer)
    try:
        return verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(asked.challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as fault:
        raise PasskeyRefused("The passkey could not be added. Try again.") from fault


def id_in(answer: str) -> bytes:
    """Return the id of the passkey that an answer names; PasskeyRefused if it is none."""
    _check_size(answer)
    try:
        return parse_authentication_credential_json(answer).raw_id
    except (WebAuthnException, ValueError, TypeError, KeyError) as fault:
        raise _unknown() from fault


def read_used(answer: str, asked: Asked, site: Site, *, public_key: str, sign_count: int) -> VerifiedAuthentication:
    """Return what the use of a passkey shows; PasskeyRefused if another key signed it, elsewhere, before, or without its person."""
    try:
        return verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(asked.challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as fault:
        raise _unknown() from fault


def _check_size(answer: str) -> None:
    if not 0 < len(answer) <= MOST_ANSWER:
        raise _unknown()


def _unknown() -> PasskeyRefused:
    return PasskeyRefused("That passkey does not sign you in here. Use a one-time code instead.")
