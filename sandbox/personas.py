"""Personas, written in the plus part of an e-mail address: `ann+approve@example.com`. Several can be combined: `+approve+dispute`."""

import hashlib
import re

from sandbox.world import World

_REVIEW = re.compile(r"refer_(approve|decline)_(\d{2})")


def parts_of(email: str) -> frozenset[str]:
    """The plus parts of an e-mail address, in lower case."""
    local = email.lower().rpartition("@")[0]
    return frozenset(local.split("+")[1:])


def review_of(email: str) -> tuple[str, int] | None:
    """The outcome of a manual review and its delay in minutes, if the persona has one."""
    for part in parts_of(email):
        found = _REVIEW.fullmatch(part)
        if found:
            return found[1], int(found[2])
    return None


def draw(email: str, name: str, low: int, high: int) -> int:
    """A number from `low` to `high`, always the same for one e-mail and name."""
    digest = hashlib.blake2b(f"{name}:{email.strip().lower()}".encode(), digest_size=8).digest()
    return low + int.from_bytes(digest, "big") % (high - low + 1)


def count_charge(world: World, email: str) -> int:
    """Count a charge of a `+card_fails_2nd` customer; 0 for all others."""
    if "card_fails_2nd" not in parts_of(email):
        return 0
    row = world.store.one(
        "INSERT INTO persona_customers (email, charges) VALUES (?, 1) "
        "ON CONFLICT (email) DO UPDATE SET charges = charges + 1 RETURNING charges",
        email,
    )
    assert row is not None
    return int(row["charges"])


def opens_dispute(world: World, email: str) -> bool:
    """Whether this successful charge is the first of a `+dispute` customer, which is disputed."""
    if "+" not in email or "dispute" not in parts_of(email):
        return False
    cursor = world.store.run(
        "INSERT INTO persona_customers (email, disputed) VALUES (?, 1) ON CONFLICT (email) DO UPDATE SET disputed = 1 WHERE disputed = 0",
        [email],
    )
    return cursor.rowcount == 1
