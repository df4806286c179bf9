"""Keys of the API: how one is made, and what of it may be shown."""

import secrets
import string

from django.conf import settings

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 40


def new_full_key(prefix: str) -> str:
    """Return a new key in full, such as `sk_sandbox_...`: a prefix, the installation's mode, and 40 letters and digits."""
    return f"{prefix}_{settings.MODE}_{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"


def hint_of(full_key: str) -> str:
    """Return the part of a key that may be shown: its prefix and its last four characters."""
    return f"{full_key[: full_key.rindex('_') + 1]}...{full_key[-4:]}"
