"""What an agency reports, line by line, from CSV and JSON, and the answer to it."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import Malformed
from core.sentences import Sentence

PAID, GAVE_BACK = "paid", "gave_back"
KINDS = (PAID, GAVE_BACK)
ACCEPTED, REPEATED, REFUSED = "accepted", "repeated", "refused"
FIELDS = ("kind", "placement", "reference", "amount_minor", "currency", "paid_on")
"""Columns of an agency's report; `kind` may be left out, and means a payment."""
OF_REMITTANCE = ("reference", "amount_minor", "share_minor")
"""Columns of the list that comes with an agency's money; `share_minor` is what it kept, and may be left out."""
ANSWERS = ("line", "reference", "status", "payment", "field", "reason")
"""Columns of the answer to a report."""
OF_CONTACTS = ("reference", "placement", "at", "channel", "outcome")
OF_COMPLAINTS = ("reference", "placement", "at", "about")
"""Columns of a report of contacts, and of one of complaints."""
PAYMENTS, CONTACTS, COMPLAINTS = "payments", "contacts", "complaints"
REPORTS = {PAYMENTS: FIELDS, CONTACTS: OF_CONTACTS, COMPLAINTS: OF_COMPLAINTS}
"""What an agency reports: the name of its list in JSON, and the columns of a line."""
MOST_LINES, MOST_BYTES = 10_000, 4_000_000
LONGEST_REFERENCE, MOST_MINOR = 60, 10**12
"""How long a reference of an agency may be, and what no amount of it reaches, in minor units."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A line as the agency wrote it, not checked yet: every value may be anything."""

    placement: Any = ""
    reference: Any = ""
    amount_minor: Any = None
    currency: Any = ""
    paid_on: Any = ""
    kind: Any = PAID


@dataclass(frozen=True, slots=True)
class Remitted:
    """A line of a list of money as the agency wrote it, not checked yet: what it calls the payment, its amount, and the share it kept."""

    reference: Any = ""
    amount_minor: Any = None
    share_minor: Any = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a line: `accepted`, `repeated` (it counts already) or `refused`, then with the field at fault and why."""

    line: int
    reference: str
    status: str
    payment: str = ""
    field: str = ""
    reason: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return it as a row of the answer."""
        return asdict(self)


def read_rows(content: bytes, *, fields: Sequence[str], under: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, each with those of the fields that it has: a CSV with a heading, or JSON with a list under a name.

    Malformed if it is neither, is no UTF-8, has more than 10,000 rows or 4,000,000 bytes, or a column that nobody knows.
    """
    if len(content) > MOST_BYTES:
        raise Malformed("The file is larger than 4,000,000 bytes. Send it in parts.", code="agency.file_too_large")
    try:
        text = content.decode("utf-8-sig")
        found = list(_from_json(text, under) if text.lstrip()[:1] in {"{", "["} else _from_csv(text))
    except (UnicodeDecodeError, ValueError, csv.Error, RecursionError) as error:
        raise Malformed("The file is neither CSV with a heading nor JSON, in UTF-8.", code="agency.file_unreadable") from error
    if len(found) > MOST_LINES:
        raise Malformed("The file has more than 10,000 lines. Send it in parts.", code="agency.file_too_long")
    unknown = sorted({str(name) for row in found for name in row} - {*fields})
    if unknown:
        names = ", ".join(unknown)[:200]
        raise Malformed(Sentence("The file has columns that are not in the format: %(names)s.", names=names), code="agency.file_columns")
    yield from found


def kind_of(content: bytes) -> str:
    """Return what a report says that it holds: by the name of its list (JSON) or by its columns (CSV); payments where nothing says more.

    What cannot be read is said by `read_rows`. Malformed for lists of more than one kind, so that none is left out in silence.
    """
    text = content[:MOST_BYTES].decode("utf-8-sig", "replace").lstrip()
    if not text.startswith("{"):
        heads = {head.strip(' "\r') for head in text.partition("\n")[0].replace(";", ",").split(",")}
        return next((kind for kind, column in ((CONTACTS, "channel"), (COMPLAINTS, "about")) if column in heads), PAYMENTS)
    try:
        found = [kind for kind in REPORTS if kind in json.loads(text)]
    except (ValueError, RecursionError):
        found = []
    if len(found) > 1:
        raise Malformed("The file holds lists of more than one kind. Send each in a file of its own.", code="agency.file_mixed")
    return found[0] if found else PAYMENTS


def read_report(content: bytes) -> list[Reported]:
    """Return the lines of a report of payments; Malformed as `read_rows`."""
    return [Reported(**row) for row in read_rows(content, fields=FIELDS, under="payments")]


def read_remittance(content: bytes) -> list[Remitted]:
    """Return the lines of a list of payments for which an agency sends money; Malformed as `read_rows`."""
    return [Remitted(**row) for row in read_rows(content, fields=OF_REMITTANCE, under="payments")]


def _from_json(text: str, under: str) -> Iterator[dict[str, Any]]:
    told = json.loads(text)
    listed = told.get(under) if isinstance(told, Mapping) else told
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        raise ValueError(under)
    # UnicodeEncodeError for half a surrogate pair, which neither the answer's file nor the database holds.
    json.dumps(listed, ensure_ascii=False).encode()
    yield from listed


def _from_csv(text: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a CSV that is split at commas or semicolons; blank lines are left out."""
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    heads: list[str] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if not heads:
            heads = [cell.strip() for cell in cells]
            continue
        if len(cells) != len(heads):
            raise ValueError(reader.line_num)
        yield {name: _cell(name, cell.strip()) for name, cell in zip(heads, cells, strict=True)}


def _cell(name: str, text: str) -> Any:
    """Return a cell; amounts as numbers where they are whole ones."""
    bare = text.removeprefix("-")
    return int(text) if name.endswith("_minor") and bare.isascii() and bare.isdigit() and len(bare) < 16 else text
