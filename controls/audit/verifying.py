"""Verifies the audit log from its beginning, and names what was altered, removed, added or moved."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from controls.audit.digests import Said, Sealed
from core.db import rows, snapshot, stream

COLUMNS = "id, at, wall, xid, actor, source, act, about, facts::text"
_SEALED = "number, made_at, through_xid, restored, rows, digests, before, link"
_SEALS = f"SELECT {_SEALED} FROM controls_auditseal WHERE number >= %s AND number <= %s ORDER BY number"  # noqa: S608  (ours)
_SEAL = f"SELECT {_SEALED} FROM controls_auditseal WHERE number = %s"  # noqa: S608  (ours)
_AFTER = f"SELECT {_SEALED} FROM controls_auditseal WHERE before = %s ORDER BY number"  # noqa: S608  (ours)
_ROWS = f"SELECT {COLUMNS} FROM controls_auditrow WHERE id = ANY(%s)"  # noqa: S608  (ours)
_OF_DAY = "SELECT min(number), max(number) FROM controls_auditseal WHERE made_at >= %s AND made_at < %s"
_HEAD = "SELECT number, link, through_xid, floor_id FROM controls_audithead"
_LAST = "SELECT max(number) FROM controls_auditseal"
_ANCHORS = "SELECT day, number, link FROM controls_auditanchor ORDER BY day"
_COUNTS = """
    SELECT (SELECT count(*) FROM controls_auditrow WHERE xid < %(xid)s OR id <= %(floor)s),
        (SELECT coalesce(sum(cardinality(rows)), 0) FROM controls_auditseal)"""
_UNSEALED = """
    SELECT id FROM controls_auditrow WHERE xid < %(xid)s OR id <= %(floor)s
    EXCEPT SELECT unnest(rows) FROM controls_auditseal ORDER BY 1"""
_HOLDS = "SELECT number FROM controls_auditseal WHERE position(%s::bytea in digests) > 0 ORDER BY number LIMIT 1"
_ANCHOR = re.compile(r'\{"day":\s*"(\d{4}-\d\d-\d\d)",\s*"number":\s*(\d+),\s*"link":\s*"([0-9a-f]{64})",\s*"sealed":\s*\d+\}')
AT_ONCE = 5_000
"""How many rows are read at once."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: `altered`, `missing`, `added` or `moved`; a `row`, a `seal`, the `head` or an `anchor`; its number or day; and a text."""

    kind: str
    what: str
    which: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind} {self.what} {self.which}: {self.words}"


class Kept(NamedTuple):
    """A copy of an anchor: its day, and the number and link (hex) of the day's last seal."""

    day: date
    number: int
    link: str


@dataclass(slots=True)
class Verified:
    """How much was read, how often the database was restored, and the faults found, in the order of the chain."""

    rows: int = 0
    seals: int = 0
    restored: int = 0
    findings: Sequence[Finding] = ()


def verify(*, day: date | None = None, kept: Collection[Kept] = (), most: int = 1) -> Verified:
    """Check all seals and their rows, or those of one day (UTC), and all anchors, `kept` copies included; stop after `most` findings.

    Reads one snapshot of the database, in constant memory.
    """
    told = Verified()
    with snapshot():
        found: list[Finding] = []
        for finding in _all(told, day, kept):
            found.append(finding)
            if len(found) >= most:
                break
        told.findings = found
    return told


def _all(told: Verified, day: date | None, kept: Collection[Kept]) -> Iterator[Finding]:
    first, last = _range(day)
    yield from _chain(told, first, last)
    if day is None:
        yield from _head(first)
        yield from _added()
    own = [Kept(on, number, bytes(link).hex()) for on, number, link in rows(_ANCHORS)]
    yield from _anchors(own, day, "the database")
    yield from _anchors(kept, day, "what was kept elsewhere")


def _range(day: date | None) -> tuple[int, int]:
    ((last,),) = rows(_LAST)
    if day is None:
        return 1, last or 0
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    ((low, high),) = rows(_OF_DAY, [begins, begins + timedelta(days=1)])
    return (low, high) if low else (1, 0)


def _chain(told: Verified, first: int, last: int) -> Iterator[Finding]:
    """Follow the links, and compare each seal's rows with their digests."""
    earlier = _seals(_SEAL, [first - 1]) if first > 1 else []
    before, since = (earlier[0].link, earlier[0].through_xid) if earlier else (b"", 0)
    number, size = first, 0
    waiting: list[tuple[Sealed, int]] = []
    for seal in (_seal(found) for found in stream(_SEALS, [first, last])):
        for gone in range(number, seal.number):
            yield _missing_seal(gone, before)
        if seal.before != before or not seal.is_whole:
            yield _broken(seal, before)
        waiting.append((seal, since))
        number, before, since = seal.number + 1, seal.link, seal.through_xid
        told.seals, told.rows, told.restored = told.seals + 1, told.rows + len(seal.rows), told.restored + seal.restored
        size += len(seal.rows)
        if size >= AT_ONCE:
            yield from _compare(waiting)
            waiting, size = [], 0
    yield from _compare(waiting)


def _missing_seal(number: int, before: bytes) -> Finding:
    elsewhere = next((one for one in _seals(_AFTER, [before]) if one.is_whole), None)
    if elsewhere is not None and elsewhere.number != number:
        return Finding("moved", "seal", str(number), f"it stands as number {elsewhere.number}")
    return Finding("missing", "seal", str(number), "its number is not there")


def _broken(seal: Sealed, before: bytes) -> Finding:
    """Describe the fault of a seal that does not follow from the previous one."""
    number = str(seal.number)
    rightful = [one for one in _seals(_AFTER, [before]) if one.is_whole and one.number != seal.number]
    follower = next((one for one in rightful if one.number == seal.number + 1), None)
    if follower is not None and not (seal.is_whole and seal.before == follower.link):
        return Finding("added", "seal", number, f"number {seal.number + 1} follows from number {seal.number - 1}")
    if rightful:
        return Finding("moved", "seal", number, f"what belongs here stands as number {rightful[0].number}")
    if seal.is_whole:
        return Finding("missing", "seal", number, "one that stood before it is not there")
    if seal.before != before and seal.link != seal.link_after(before) and not _seals(_SEAL, [seal.number + 1]):
        # It does not belong to the chain at all: both its `before` and its own link are wrong.
        return Finding("added", "seal", number, "it does not follow from the one before it")
    return Finding("altered", "seal", number, "its link does not fit what it says")


def _compare(seals: Sequence[tuple[Sealed, int]]) -> Iterator[Finding]:
    """Compare rows with their seals; each seal comes with the transaction through which all rows were sealed before it."""
    wanted = [one for seal, _since in seals for one in seal.rows]
    if not wanted:
        return
    there: Mapping[int, Said] = {found[0]: _said(found) for found in rows(_ROWS, [wanted])}
    for seal, since in seals:
        for place, one in enumerate(seal.rows):
            row, expected = there.get(one), seal.digest_of(place)
            found = row.digest if row else None
            if row is None or found is None:
                yield Finding("missing", "row", str(one), f"seal {seal.number} of {seal.made_at:%Y-%m-%d %H:%M} UTC holds it")
            elif found != expected:
                yield _changed(one, seal, found)
            elif row.xid < since and not seal.restored:
                yield Finding("added", "row", str(one), f"seal {seal.number} holds it, though all of its time had been sealed before")


def _changed(one: int, seal: Sealed, found: bytes) -> Finding:
    """Return whether a row was altered, or holds the content of another row."""
    place = next((number for number, _ in _places(seal, found)), None)
    number = seal.number if place is not None else next((number for (number,) in rows(_HOLDS, [found])), None)
    if number is None:
        return Finding("altered", "row", str(one), f"it is not what seal {seal.number} of {seal.made_at:%Y-%m-%d %H:%M} UTC sealed")
    other = _seals(_SEAL, [number])[0]
    origin = next((row for _, row in _places(other, found)), None)
    return Finding("moved", "row", str(one), f"it says what row {origin} said")


def _places(seal: Sealed, digest: bytes) -> Iterator[tuple[int, int]]:
    yield from ((place, one) for place, one in enumerate(seal.rows) if seal.digest_of(place) == digest)


def _head(first: int) -> Iterator[Finding]:
    """Compare the end of the chain with the stored head."""
    heads, ((last,),) = rows(_HEAD), rows(_LAST)
    if not heads:
        if last:
            yield Finding("missing", "head", "1", "the end of the chain is not noted")
        return
    ((number, link, through, _floor),) = heads
    if number > (last or 0):
        yield Finding("missing", "seal", str((last or 0) + 1), f"the chain ended with number {number}")
    elif number < (last or 0):
        yield Finding("added", "seal", str(number + 1), f"the chain ended with number {number}")
    elif last and ((end := _seals(_SEAL, [last])[0]).link, end.through_xid) != (bytes(link), through):
        yield Finding("altered", "seal", str(last), "the end of the chain is noted otherwise")


def _added() -> Iterator[Finding]:
    """Find rows without a seal although all rows of their time were sealed."""
    heads = rows(_HEAD)
    params = {"xid": heads[0][2], "floor": heads[0][3]} if heads else {"xid": 0, "floor": 0}
    ((there, sealed),) = rows(_COUNTS, params)
    if there > sealed:
        for (one,) in stream(_UNSEALED, params):
            yield Finding("added", "row", str(one), "no seal holds it, though all of its time was sealed")


def read_anchors(path: Path) -> set[Kept]:
    """Return the anchors in a folder of exports, or in a file, which may contain other text too, such as received e-mails."""
    files = sorted(path.glob("audit-anchor-*.json")) if path.is_dir() else [path]
    # Mail servers may have broken a line: at a space, or anywhere after "=".
    text = "".join(file.read_text(errors="replace") for file in files).replace("=\n", "")
    return {Kept(date.fromisoformat(day), int(number), link) for day, number, link in _ANCHOR.findall(text)}


def _anchors(kept: Collection[Kept], day: date | None, where: str) -> Iterator[Finding]:
    for one in sorted(kept):
        if day not in {None, one.day}:
            continue
        found = _seals(_SEAL, [one.number])
        if not found:
            yield Finding("missing", "seal", str(one.number), f"the anchor of {one.day} in {where} names it")
        elif found[0].link.hex() != one.link:
            yield Finding("altered", "anchor", str(one.day), f"seal {one.number} is not the one that the anchor in {where} names")


def _seals(sql: str, params: Sequence[object]) -> list[Sealed]:
    return [_seal(found) for found in rows(sql, params)]


def _seal(found: Sequence[Any]) -> Sealed:
    number, made_at, through, restored, sealed, digests, before, link = found
    return Sealed(number, made_at, through, restored, sealed, bytes(digests), bytes(before), bytes(link))


def _said(found: Sequence[Any]) -> Said:
    return Said(*found)
