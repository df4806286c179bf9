"""Files between agencies and us, in a directory per contract: `out/` is written by us, `in/` by the agency.

The directory is the whole record: a report that was read has its answer beside, named for the report's hash, so that it is read once; read
again after a kill, it changes nothing, since each line counts once.
"""

import hashlib
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import override

from collection.agencies import FIELDS, lines_of
from collection.agency_lines import (
    ANSWERS,
    CONTACTS,
    MOST_BYTES,
    PAYMENTS,
    REFUSED,
    REPORTS,
    Answered,
    Reported,
    kind_of,
    read_rows,
)
from collection.models import Agency
from collection.services.agency_payments import report_payments
from collection.services.conduct import answers_to, report_complaints, report_contacts
from core.clock import local_date, wall
from core.csv_files import write_csv
from core.errors import Invalid, Malformed

log = logging.getLogger("bnpl.collection")
ENDINGS = (".csv", ".json")
QUIET_S = 60
"""For how long a report must not have changed before it is read, in seconds of the machine's clock, by which files are dated."""
KEPT_DAYS = 7
"""How long the files of earlier days, which name people, are kept for the agency."""


def exchange_files(*, at: datetime) -> int:
    """Write today's file of each contract, where it changed, and read what came in; return how many files that were.

    Run by a timer; does nothing in an installation without such a directory. What fails of an agency or a report stops no other; a fault
    that is none of files is raised once all were looked at. Safe to repeat.
    """
    if not settings.AGENCY_FILES:
        return 0
    done, faults = 0, list[Exception]()
    for agency in Agency.objects.select_related("market").order_by("id"):
        with _apart(f"files of agency {agency.public_id}", faults):
            base = Path(settings.AGENCY_FILES) / agency.public_id
            done += _write_placements(agency, base, at)
            for path in _waiting(base / "in"):
                with _apart(f"report {path.name!r} of agency {agency.public_id}", faults):
                    done += _read(agency, path, base / "out" / "answers", at)
    if faults:
        raise ExceptionGroup("files of agencies", faults)
    return done


@contextmanager
def _apart(what: str, faults: list[Exception]) -> Iterator[None]:
    """Let a fault end this part alone, with an alarm; keep one that is none of files."""
    try:
        yield
    except OSError:
        log.exception(what)
    except Exception as error:
        log.exception(what)
        faults.append(error)


def _write_placements(agency: Agency, base: Path, at: datetime) -> int:
    for place in (base / "in", base / "out" / "answers"):
        place.mkdir(parents=True, exist_ok=True)
    day = local_date(at, agency.market.time_zone)
    lines = list(lines_of(agency, day, at))
    said = {"agency": agency.public_id, "day": day.isoformat(), "placements": lines}
    texts = {
        f"placements-{day}.json": json.dumps(said, ensure_ascii=False, indent=1) + "\n",
        f"placements-{day}.csv": _csv(FIELDS, ([line[field] for field in FIELDS] for line in lines)),
    }
    written = sum(_write(base / "out" / name, text.encode()) for name, text in texts.items())
    for old in sorted((base / "out").glob("placements-*"))[: -2 * KEPT_DAYS]:
        old.unlink(missing_ok=True)
    return written


def _waiting(place: Path) -> list[Path]:
    """Return the reports in a directory, by name: plain files that are whole, which hidden ones and other endings are not.

    One that changed within `QUIET_S` seconds may be written in place, and waits.
    """
    found = (path for path in place.iterdir() if path.suffix.lower() in ENDINGS and not path.name.startswith("."))
    now = wall().timestamp()
    return sorted(one for one in found if one.is_file() and not one.is_symlink() and abs(now - one.stat().st_mtime) >= QUIET_S)


def _read(agency: Agency, path: Path, answers: Path, at: datetime) -> int:
    """Read a report, if it was not read before, and write its answer; return whether it was read."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        content = file.read(MOST_BYTES + 1)
    # By bytes: a name has at most 255 of them, and `_write` adds to it.
    stem = os.fsencode(path.stem)[:80].decode(errors="ignore")
    answer = answers / f"{stem}-{hashlib.sha256(content).hexdigest()[:16]}.csv"
    if answer.exists():
        return 0
    # The answer is a file for machines, in one language.
    with override("en"):
        try:
            found = _take(agency, content, at)
        except (Malformed, Invalid) as error:
            found = [Answered(0, "", REFUSED, field="file", reason=error.detail)]
    _write(answer, _csv(ANSWERS, ([one.as_row()[name] for name in ANSWERS] for one in found)).encode())
    return 1


def _take(agency: Agency, content: bytes, at: datetime) -> list[Answered]:
    """Take a report of whatever kind; Malformed if it cannot be read, Invalid for too many lines."""
    kind, by = kind_of(content), f"agency:{agency.public_id}"
    rows = list(read_rows(content, fields=REPORTS[kind], under=kind))
    if kind == PAYMENTS:
        return report_payments(agency=agency, lines=[Reported(**row) for row in rows], by=by, at=at)
    service = report_contacts if kind == CONTACTS else report_complaints
    return answers_to(rows, service(agency_id=agency.pk, lines=rows, told_by=by, at=at))


def _csv(heads: tuple[str, ...], rows: Iterator[list[str | int]]) -> str:
    """Return a CSV for machines: commas and points, whatever language is active."""
    with override("en"):
        return write_csv(heads, rows)


def _write(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all, if it would change; return whether it did."""
    if path.exists() and path.read_bytes() == content:
        return False
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return True
