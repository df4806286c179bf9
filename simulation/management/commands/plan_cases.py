"""`manage.py plan_cases FILE`: run worked cases of plans through the real services, and roll them back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from simulation.plan_cases.form import read_cases
from simulation.plan_cases.running import Result, run_cases


class Command(BaseCommand):
    """Runs every case of a file; prints first the failed cases, then the number of those that pass."""

    help = "Live worked cases of plans (schedule, interest, payments, refunds) through the real services; nothing of them stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file."""
        parser.add_argument("file", type=Path, help="JSON file with `cases`")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print, and end with exit code 1 if any case fails."""
        if not settings.SANDBOX:
            raise CommandError("Cases are lived in a sandbox only.")
        try:
            cases = read_cases(options["file"].read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"cannot read cases: {error}") from error
        results = sorted(run_cases(cases), key=lambda result: not result.faults)
        for result in results:
            self._print(result, options["verbosity"])
        held = sum(result.holds for result in results)
        self.stdout.write(f"{held} of {len(results)}")
        if held < len(results):
            raise SystemExit(1)

    def _print(self, result: Result, verbosity: int) -> None:
        if result.faults:
            self.stdout.write(f"missed   {result.name}")
            for fault in result.faults:
                self.stdout.write(f"         {fault}")
        elif verbosity > 1:
            self.stdout.write(f"holds    {result.name}")
