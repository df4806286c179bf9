"""`manage.py audit verify`: read the audit log from its beginning, and name the first row or seal that is not as it was sealed."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from controls.audit.verifying import verify


class Command(BaseCommand):
    """Works on the audit log."""

    help = "Verify the audit log: name the first altered, missing, added or moved row or seal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do."""
        acts = parser.add_subparsers(dest="what", required=True)
        verifying = acts.add_parser("verify", help="read the log, and compare it with its seals and anchors")
        verifying.add_argument("--day", type=date.fromisoformat, help="only the seals of a day (UTC), as 2026-11-28")
        verifying.add_argument("--anchors", type=Path, help="a folder with exported anchors to compare with")
        verifying.add_argument("--all", action="store_true", help="name the first hundred faults, not only the first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        self._verify(options["day"], options["anchors"], 100 if options["all"] else 1)

    def _verify(self, day: date | None, folder: Path | None, most: int) -> None:
        if folder is not None and not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        told = verify(day=day, folder=folder, most=most)
        for finding in told.findings:
            self.stdout.write(str(finding))
        if told.findings:
            raise CommandError("The audit log is not as it was sealed.")
        self.stdout.write(f"{told.rows} rows in {told.seals} seals are as they were sealed.")
        if told.restored:
            self.stdout.write(f"The database was restored elsewhere {told.restored} times; what was written before is sealed in order.")
