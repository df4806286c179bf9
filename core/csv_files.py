"""Tables as CSV files that spreadsheets can open without running formulas."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.http import HttpResponse

from core.characters import first_seen

_FORMULA = frozenset("=+-@\u2212")
_SPLITS = ("\t", "\r", "\n")
Cell = str | int | Decimal


def escape_cell(text: str) -> str:
    """Return a text that no spreadsheet reads as a formula: one that begins like a formula gets an apostrophe (OWASP, CSV injection).

    The first visible character decides, in any width: spreadsheets drop blanks and marks in front of it.
    """
    first = unicodedata.normalize("NFKC", first_seen(text))
    return f"'{text}" if first[:1] in _FORMULA or text.startswith(_SPLITS) else text


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV (RFC 4180); texts are escaped and quoted, numbers stay numbers.

    Every text is quoted: a spreadsheet that splits at semicolons would otherwise make a new cell of the text behind one.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(header)
    for row in rows:
        writer.writerow([escape_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Answer with a file to download; `name` is without the extension, in ASCII letters."""
    # The byte order mark tells Excel that this is UTF-8.
    body = "\ufeff" + write_csv(header, rows)
    return HttpResponse(
        body.encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
