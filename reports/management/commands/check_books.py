"""`manage.py check_books`: check the books, and print figures."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from ledger.queries import first_day
from reports.books import Check, check_books, check_days


def _add_day(parser: ArgumentParser, name: str, dest: str, told: str) -> None:
    parser.add_argument(name, dest=dest, type=date.fromisoformat, metavar="YYYY-MM-DD", help=told)


class Command(BaseCommand):
    """Runs every check of the books, prints its figures, and names the first offenders."""

    help = "Check that ledger, plans, merchants, limits and the gateways' own reports agree to the minor unit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the first day that gateways report, and the days that are checked one by one."""
        of_days = "check only what happened on days (UTC), one after the other, from this one on"
        _add_day(parser, "--since", "since", "ask gateways for what they did from this day (UTC) on only")
        _add_day(parser, "--from", "first", of_days)
        _add_day(parser, "--to", "last", "up to and with this day; today without it")

    def handle(self, *args: object, **options: Any) -> None:
        """Print one line for each check; fail if any finds an error."""
        if options["first"] or options["last"]:
            if options["since"]:
                raise CommandError("--since is of the whole books, --from and --to are of days: give one or the other.")
            wrong = self._days(options["first"], options["last"])
        else:
            day = options["since"]
            wrong = self._print_all(check_books(since=datetime.combine(day, time.min, UTC) if isinstance(day, date) else None))
        if wrong:
            raise CommandError(f"The books do not hold: {wrong} offender(s).")
        self.stdout.write("These days hold." if options["first"] or options["last"] else "The books hold.")

    def _days(self, first: date | None, last: date | None) -> int:
        """Check days one after the other; an interrupted run continues with `--from` the last day printed."""
        last = last or clock.now().date()
        first = first or first_day() or last
        if last < first:
            raise CommandError(f"--to {last} is before {first}.")
        wrong = 0
        for day, checks in check_days(first, last):
            self.stdout.write(f"{day}")
            wrong += self._print_all(checks)
            self.stdout.flush()
        return wrong

    def _print_all(self, checks: Iterable[Check]) -> int:
        wrong = 0
        for check in checks:
            wrong += check.wrong
            mark = "ok " if not check.wrong else "OFF"
            self.stdout.write(f"{mark} {check.name}: {check.examined} examined; {check.figures or 'no figures'}; {check.wrong} off")
            for line in check.offenders:
                self.stdout.write(f"      {line}")
        return wrong
