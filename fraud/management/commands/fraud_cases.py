"""`manage.py fraud_cases FILE`: write the platform's own cases of fraud and of honest purchases, to train a model."""

import csv
import gzip
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from controls.services import Reading, note_reading
from core import clock
from fraud.cases import BAD, list_cases


class Command(BaseCommand):
    """Writes signals and outcomes of attempts to buy, without names or ids."""

    help = "Write signals and ends of attempts to buy as a gzipped CSV table for `fraud_model train --target bad`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file."""
        parser.add_argument("file", type=Path, help="where to write, such as cases.csv.gz")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, and print the number of cases."""
        whole = bad = 0
        note_reading(reading=Reading.CASES_EXPORTED, about=[], at=clock.now())
        with gzip.open(options["file"], "wt", encoding="utf-8", newline="") as out:
            for row in list_cases(at=clock.now()):
                csv.writer(out).writerow(row)
                whole += row[-1] != BAD
                bad += row[-1] == 1
        self.stdout.write(f"{whole} cases, {bad} of them fraud")
