"""Reading a report of an agency's contacts or complaints: CSV with a head, or JSON with a list under the name of what it reports."""

import csv
import io
import json
from typing import Any

from core.errors import Malformed
from core.sentences import Sentence

MOST_BYTES = 4 * 1024 * 1024
_UNREADABLE = Sentence("must be a CSV file with a head, or JSON with a list")


def read_lines(content: bytes, kind: str) -> list[dict[str, Any]]:
    """Return the lines of a report (UTF-8) of a kind (`contacts` or `complaints`); Malformed names the field `file`."""
    try:
        if len(content) > MOST_BYTES:
            raise ValueError
        text = content.decode("utf-8-sig")
        lines = (
            json.loads(text)[kind] if text.lstrip().startswith("{") else list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        )
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise ValueError
    except (ValueError, KeyError, RecursionError, csv.Error):
        raise Malformed("This file cannot be read.", fields={"file": _UNREADABLE}) from None
    return lines
