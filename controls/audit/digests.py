"""Pure calculation of rows' digests and of seals' links from their content. The database calculates the same values when it seals."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

LENGTH = 32
"""Bytes of a digest."""


@dataclass(frozen=True, slots=True)
class Said:
    """The content of a row; `facts` is JSON text exactly as the database writes it."""

    id: int
    at: datetime
    wall: datetime
    xid: int
    actor: str
    source: str
    act: str
    about: Sequence[str]
    facts: str

    @property
    def digest(self) -> bytes:
        """The digest of all content except the row's number, so that swapped rows can be recognized."""
        plain = ", ".join(_text(value) for value in (stamp(self.at), stamp(self.wall), self.xid, self.actor, self.source, self.act))
        about = ",".join(_text(one) for one in self.about)
        return sha256(f"[{plain}, [{about}], {self.facts}]".encode()).digest()


@dataclass(frozen=True, slots=True)
class Sealed:
    """The content of a seal."""

    number: int
    made_at: datetime
    through_xid: int
    restored: bool
    rows: Sequence[int]
    digests: bytes
    before: bytes
    link: bytes

    def link_after(self, before: bytes) -> bytes:
        """Return the link of this seal if it follows a seal with the link `before`."""
        rows = ",".join(str(one) for one in self.rows)
        told = f'["{stamp(self.made_at)}", {self.through_xid}, {json.dumps(self.restored)}, [{rows}]]'
        return sha256(before + told.encode() + self.digests).digest()

    @property
    def is_whole(self) -> bool:
        """Whether its link matches its content."""
        return self.link == self.link_after(self.before) and len(self.digests) == LENGTH * len(self.rows)

    def digest_of(self, place: int) -> bytes:
        """Return the digest of its row at index `place`."""
        return self.digests[place * LENGTH : (place + 1) * LENGTH]


def stamp(moment: datetime) -> str:
    """Format a time in UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _text(value: str | int) -> str:
    return json.dumps(value, ensure_ascii=False)
