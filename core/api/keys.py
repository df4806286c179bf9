"""Keys of the API, as calls send them."""

from django.conf import settings
from rest_framework.request import Request

from core.errors import Unauthenticated
from core.sentences import Sentence

MAX_KEY_LENGTH = 120


def sent_key(request: Request, *prefixes: str, how: str) -> str | None:
    """Return the key that a call sends; None without an `Authorization` header.

    Unauthenticated for what is no key, saying `how` one is sent, and for a key with one of the prefixes and of another mode.
    """
    scheme, _, full_key = request.headers.get("Authorization", "").strip().partition(" ")
    if not scheme:
        return None
    full_key = full_key.strip()
    if scheme.lower() != "bearer" or not full_key or len(full_key) > MAX_KEY_LENGTH or not full_key.isascii():
        raise Unauthenticated(how)
    if any(full_key.startswith(f"{one}_") and not full_key.startswith(f"{one}_{settings.MODE}_") for one in prefixes):
        raise Unauthenticated(Sentence("This installation takes %(mode)s keys only.", mode=settings.MODE), code="key_of_other_mode")
    return full_key
