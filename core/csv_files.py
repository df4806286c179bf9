"""CSV files for spreadsheets: no text runs as a formula, and separators and numbers are those of the reader's language.

A spreadsheet set to Danish, Swedish or German splits at semicolons and reads a decimal comma; one set to English splits at commas and
reads a point. Files of shops have the API's words as headings in all languages, so that one import rule works for every download.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.formats import get_format

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
    """Return a table as CSV (RFC 4180) in the active language's form; texts are escaped and quoted, numbers are not."""
    return "".join(_lines(header, rows))


def _lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Return the lines of a table; the language is read at once, the rows while they are sent."""
    point = str(get_format("DECIMAL_SEPARATOR"))
    return (_line(row, point) for row in chain([header], rows))


def _line(row: Sequence[Cell], point: str) -> str:
    return (";" if point == "," else ",").join(_cell(cell, point) for cell in row) + "\r\n"


def _cell(cell: Cell, point: str) -> str:
    """Return a cell; every text is quoted, because a spreadsheet may split at a sign that is not this file's."""
    if isinstance(cell, str):
        return '"' + escape_cell(cell).replace('"', '""') + '"'
    return str(cell).replace(".", point)


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Return a response with a CSV file to download; `name` has no extension and only ASCII letters."""
    return HttpResponse((_MARK + write_csv(header, rows)).encode(), content_type=_TYPE, headers=_named(name))


def csv_stream(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """Return a response like that of `csv_answer`, but written while it is sent, so that large files take no more memory."""
    lines = map(str.encode, chain([_MARK], _lines(header, rows)))
    return StreamingHttpResponse(lines, content_type=_TYPE, headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.csv"'}
