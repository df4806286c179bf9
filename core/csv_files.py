"""CSV files that are safe to open in spreadsheets: no text runs as a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain

from django.http import HttpResponse, StreamingHttpResponse

from core.characters import first_seen

_FORMULA = frozenset("=+-@\u2212")
_SPLITS = ("\t", "\r", "\n")
_MARK = "\ufeff"
"""The byte order mark tells Excel that a file is UTF-8."""
_TYPE = "text/csv; charset=utf-8"
Cell = str | int | Decimal


def escape_cell(text: str) -> str:
    """Return a text that no spreadsheet reads as a formula: an apostrophe is put before a text that begins like one (OWASP, CSV injection).

    The first visible character decides, whether full-width or not, because spreadsheets ignore blanks and marks before it.
    """
    first = unicodedata.normalize("NFKC", first_seen(text))
    return f"'{text}" if first[:1] in _FORMULA or text.startswith(_SPLITS) else text


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV (RFC 4180); texts are escaped and quoted, numbers are not.

    Every text is quoted: otherwise a spreadsheet that splits at semicolons would make a new cell of the text after a semicolon.
    """
    return "".join(map(_line, chain([header], rows)))


def _line(row: Sequence[Cell]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC).writerow([escape_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Return a response with a CSV file to download; `name` has no extension and only ASCII letters."""
    return HttpResponse((_MARK + write_csv(header, rows)).encode(), content_type=_TYPE, headers=_named(name))


def csv_stream(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """Return a response like that of `csv_answer`, but written while it is sent, so that large files take no more memory."""
    lines = map(str.encode, chain([_MARK], map(_line, chain([header], rows))))
    return StreamingHttpResponse(lines, content_type=_TYPE, headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.csv"'}
