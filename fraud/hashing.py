"""Keyed hashes of seen values. They cannot be reversed, and different kinds of values never have the same hash."""

from core.crypto import keyed_hashes

HASH = 32
"""The number of stored hexadecimal digits of a keyed hash (128 bits, so that collisions do not matter)."""


def hash_of(kind: str, text: str) -> str:
    """Return the keyed hash of a value of a kind, such as `card`; empty for an empty text."""
    return keyed_hashes(f"fraud:{kind}:{text}")[0][:HASH] if text else ""
