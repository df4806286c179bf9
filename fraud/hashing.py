"""Keyed hashes of what was seen: none can be turned back into a value, and no two kinds of values share one."""

from core.crypto import keyed_hashes

HASH = 32
"""How many hexadecimal digits of a keyed hash are kept: two values share one by chance once in 10 to the 38th."""


def hash_of(kind: str, text: str) -> str:
    """Return the keyed hash of a value of a kind, such as `card`; empty for an empty text."""
    return keyed_hashes(f"fraud:{kind}:{text}")[0][:HASH] if text else ""
