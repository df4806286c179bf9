"""`manage.py audit`: verify the audit log, export it signed, check such a file, and export the anchors of days."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from controls.audit.exporting import Forged, check, export, export_anchors, make_keys
from controls.audit.verifying import Kept, read_anchors, verify


class Command(BaseCommand):
    """Works on the audit log."""

    help = "Verify the audit log: name the first altered, missing, added or moved row or seal. Export it, and check what was exported."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the actions and their options."""
        acts = parser.add_subparsers(dest="what", required=True)
        verifying = acts.add_parser("verify", help="read the log, and compare it with its seals and anchors")
        verifying.add_argument("--day", type=date.fromisoformat, help="only the seals of a day (UTC), as 2026-11-28")
        verifying.add_argument(
            "--anchors", type=Path, help="a folder of exported anchors, or a file with the lines of mails, to compare with"
        )
        verifying.add_argument("--all", action="store_true", help="name the first hundred faults, not only the first")

        exporting = acts.add_parser("export", help="write the rows of some days (UTC), signed, to a file of JSON lines")
        exporting.add_argument("file", type=Path)
        exporting.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
        exporting.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="up to and with this day")
        exporting.add_argument("--key", type=Path, required=True, help="the private key (PEM)")
        checking = acts.add_parser("check", help="check an exported file; needs no database")
        checking.add_argument("file", type=Path)
        checking.add_argument("--key", type=Path, required=True, help="the public key (PEM)")
        making = acts.add_parser("keys", help="make a pair of keys: FILE and FILE.pub")
        making.add_argument("file", type=Path)
        anchors = acts.add_parser("anchors", help="write the anchors of days to a folder, which verify compares with")
        anchors.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Carry out the action."""
        match options["what"]:
            case "verify":
                self._verify(options["day"], options["anchors"], 100 if options["all"] else 1)
            case "export":
                since, until = (datetime.combine(day, time.min, UTC) for day in (options["first"], options["last"] + timedelta(days=1)))
                self.stdout.write(f"{export(options['file'], since=since, until=until, key=options['key'])} rows.")
            case "check":
                self._check(options["file"], options["key"])
            case "keys":
                self.stdout.write(f"The public key is {make_keys(options['file'])}.")
            case _:
                self.stdout.write(f"{export_anchors(options['folder'])} anchors written.")

    def _check(self, file: Path, key: Path) -> None:
        try:
            told = check(file, key=key)
        except Forged as forged:
            raise CommandError(f"{file} is not as it was exported: {forged}.") from None
        self.stdout.write(f"{told['rows']} rows from {told['from']} to {told['to']} are as they were exported.")

    def _read(self, path: Path) -> set[Kept]:
        """Read copies of anchors, and print their days; CommandError if there are none."""
        try:
            kept = read_anchors(path)
        except (OSError, ValueError) as fault:
            raise CommandError(f"{path} cannot be read: {fault}") from None
        if not kept:
            raise CommandError(f"{path} holds no anchor")
        days = {one.day for one in kept}
        first, last = min(days), max(days)
        self.stdout.write(f"Anchors of {len(days)} days, from {first} to {last}.")
        if gaps := [str(one) for one in (first + timedelta(n) for n in range((last - first).days)) if one not in days]:
            self.stdout.write(f"None of {', '.join(gaps)}.")
        return kept

    def _verify(self, day: date | None, anchors: Path | None, most: int) -> None:
        kept = self._read(anchors) if anchors else set()
        told = verify(day=day, kept=kept, most=most)
        for finding in told.findings:
            self.stdout.write(str(finding))
        if told.findings:
            raise CommandError("The audit log is not as it was sealed.")
        self.stdout.write(f"{told.rows} rows in {told.seals} seals are as they were sealed.")
        if told.restored:
            self.stdout.write(f"The database was restored elsewhere {told.restored} times; what was written before is sealed in order.")
