"""Codes of six digits by time (TOTP, RFC 6238) and recovery codes: how they are made and compared. No rows are read here."""

import re
import secrets
from base64 import b32encode
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

import pyotp

STEP_S = 30
RECOVERY_CODES = 10


def new_secret() -> str:
    """Return a new secret of 160 bits in base 32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, at: datetime, *, after: int) -> int | None:
    """Return the half minute of a code: the present one or a neighbor, but none up to `after`; None if the code is wrong."""
    totp, present = pyotp.TOTP(secret), int(at.timestamp()) // STEP_S
    steps = [step for step in (present - 1, present, present + 1) if step > after]
    return next((step for step in steps if compare_digest(totp.generate_otp(step), code)), None)


def address_of(secret: str, *, name: str, issuer: str) -> str:
    """Return the address by which an app takes the secret, for a link and a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def new_recovery_code() -> str:
    """Return a recovery code of 80 bits, in four groups."""
    text = b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def digits_of(text: str) -> str:
    """Return the six digits that somebody typed, with spaces left out; empty if it is no such code."""
    found = re.sub(r"\s", "", text)
    return found if re.fullmatch(r"[0-9]{6}", found) else ""


def hash_of(recovery_code: str, authenticator: object) -> str:
    """Return the hash of a recovery code, however it was typed."""
    normal = re.sub(r"[^a-z2-7]", "", recovery_code.lower())
    return sha256(f"{authenticator}:{normal}".encode()).hexdigest()
