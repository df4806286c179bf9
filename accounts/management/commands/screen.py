"""`manage.py screen`: compare names with a list of sanctions, both as files; needs no database."""

import csv
import gzip
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.rules.names.index import THRESHOLD, Index
from accounts.rules.names.listed import from_row


class Command(BaseCommand):
    """Compares names with a list."""

    help = "Compare names with a list, and print one line a name: whether it is a hit, and the entries that it is like."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files."""
        parser.add_argument(
            "--list", type=Path, required=True, help="CSV, or CSV.gz: entity_id, type (individual or organisation), name, birth_year"
        )
        parser.add_argument("--queries", type=Path, required=True, help="CSV, or CSV.gz: query, and birth_year or birth_date if known")
        parser.add_argument("--json", action="store_true", help="one JSON object a line and nothing else; scores from 0 to 100")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a query."""
        rows = _rows(options["list"], {"entity_id", "type", "name"})
        index = Index([from_row(row["entity_id"], row["type"], row["name"], _years(row)) for row in rows])
        for row in _rows(options["queries"], {"query"}):
            born = _years(row)
            found = index.find(row["query"], born=born[0][0] if born else None)
            matches = [{"entity_id": one.key, "score": round(one.score * 100, 1)} for one in found]
            if options["json"]:
                told = {"query": row["query"], "hit": bool(matches), "matches": matches}
                self.stdout.write(json.dumps(told, ensure_ascii=False))
            else:
                named = ", ".join(f"{one['entity_id']} ({one['score']})" for one in matches)
                self.stdout.write(f"{row['query']}: {named or f'nothing from {THRESHOLD * 100:.0f}'}")


def _rows(path: Path, needed: set[str]) -> Iterator[dict[str, str]]:
    """Yield the rows of a file; CommandError if it cannot be read or lacks a column."""
    try:
        with gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = needed - set(reader.fieldnames or ())
            if missing:
                raise CommandError(f"{path} has no column {', '.join(sorted(missing))}.")
            yield from reader
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def _years(row: dict[str, str]) -> tuple[tuple[int, int], ...]:
    """Return the year of birth that a row tells, as a range; nothing if it tells none."""
    told = (row.get("birth_year") or row.get("birth_date") or "")[:4]
    return ((int(told), int(told)),) if told.isdecimal() else ()
