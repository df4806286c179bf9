"""`manage.py check_books`: prove that the books hold, with figures."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time

from django.core.management.base import BaseCommand, CommandError

from reports.books import Check, check_books


class Command(BaseCommand):
    """Runs every check of the books, prints its figures, and names the first offenders."""

    help = "Check that ledger, plans, merchants, limits and the gateways' own reports agree to the minor unit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare from which day on gateways are asked."""
        parser.add_argument(
            "--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="ask gateways for what they did from this day (UTC) on only"
        )

    def handle(self, *args: object, **options: object) -> None:
        """Print one line a check; fail where one is off."""
        day = options["since"]
        checks = check_books(since=datetime.combine(day, time.min, UTC) if isinstance(day, date) else None)
        for check in checks:
            self._print(check)
        wrong = sum(check.wrong for check in checks)
        if wrong:
            raise CommandError(f"The books do not hold: {wrong} offender(s).")
        self.stdout.write("The books hold.")

    def _print(self, check: Check) -> None:
        mark = "ok " if not check.wrong else "OFF"
        self.stdout.write(f"{mark} {check.name}: {check.examined} examined; {check.figures or 'no figures'}; {check.wrong} off")
        for line in check.offenders:
            self.stdout.write(f"      {line}")
