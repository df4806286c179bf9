"""Check worked APR cases: `manage.py apr_cases FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from plans.rules.apr_cases import read_cases, run_cases


class Command(BaseCommand):
    """Runs every case of a file, and prints the failed cases and the number passed; exit code 1 if any case fails."""

    help = "Check worked APR cases by the times and by the dates they give."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="JSON file with `cases`")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            results = run_cases(read_cases(options["file"].read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"cannot read cases: {error}") from error
        for result in results:
            if not result.passed:
                self.stdout.write(f"missed  {result}")
            elif options["verbosity"] > 1:
                self.stdout.write(f"holds   {result}")
        held = sum(result.passed for result in results)
        self.stdout.write(f"{held} of {len(results)}")
        if held < len(results):
            raise SystemExit(1)
