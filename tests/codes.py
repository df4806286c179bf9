"""Codes of apps, as somebody reads them off who has time left to type them."""

import time
from datetime import timedelta

import pyotp

from accounts.models import Authenticator
from core.clock import wall

STEP_S = 30


def code_of(email: str, *, steps: int = 0, lasts_s: float = 2) -> str:
    """Return the code that somebody's app shows, or showed half a minute before, once the half minute lasts long enough to use it."""
    left_s = STEP_S - time.time() % STEP_S
    if left_s < lasts_s:
        time.sleep(left_s)
    secret = Authenticator.objects.get(user__email=email, ended_at=None).secret
    return pyotp.TOTP(secret).at(wall() + timedelta(seconds=STEP_S * steps))
