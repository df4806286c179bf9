"""`manage.py reminder_cases FILE`: write the platform's own cases of late people, to train a model."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from learning.models import Family
from reports.retraining import write_cases


class Command(BaseCommand):
    """Writes facts of late people and whether they paid, without names or ids."""

    help = "Write the facts of late people and whether they paid as a gzipped CSV table for `reminder_model train --target bad`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file."""
        parser.add_argument("file", type=Path, help="where to write, such as cases.csv.gz")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, and print the number of cases."""
        whole, bad = write_cases(family=Family.REMINDER, path=options["file"], at=clock.now())
        self.stdout.write(f"{whole} cases, {bad} of them bad")
