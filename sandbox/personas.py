"""Personas, given in the plus part of an e-mail: `ann+approve@example.com`. Several may be joined: `+approve+dispute`."""

import hashlib
import re

_REVIEW = re.compile(r"refer_(approve|decline)_(\d{2})")


def parts_of(email: str) -> frozenset[str]:
    """The plus parts of an e-mail address, in lower case."""
    local = email.lower().rpartition("@")[0]
    return frozenset(local.split("+")[1:])


def review_of(email: str) -> tuple[str, int] | None:
    """The outcome of a manual review and its delay in minutes, where the persona has one."""
    for part in parts_of(email):
        found = _REVIEW.fullmatch(part)
        if found:
            return found[1], int(found[2])
    return None


def draw(email: str, name: str, low: int, high: int) -> int:
    """A number from `low` to `high`, always the same for one e-mail and name."""
    digest = hashlib.blake2b(f"{name}:{email.strip().lower()}".encode(), digest_size=8).digest()
    return low + int.from_bytes(digest, "big") % (high - low + 1)
