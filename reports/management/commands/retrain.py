"""`manage.py retrain credit|fraud|reminder`: learn a new version from the platform's own cases, and compare it with the champion."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from learning.errors import BadTable
from learning.models import Family
from reports.retraining import FIGURES, NAME, retrain


class Command(BaseCommand):
    """Writes cases, trains on them and compares; promotes nothing."""

    help = "Learn a new version of a model from the platform's own cases; two people may promote it afterwards in the back office."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the family and the name."""
        parser.add_argument("family", choices=list(Family.values))
        parser.add_argument("--name", default=NAME, help=f"name of the model (default: {NAME})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, and print the figures of the new models and of the champion."""
        told = {"family": options["family"], "name": options["name"], "at": clock.now(), "actor": "shell"}
        try:
            found = retrain(**told, say=self.stderr.write)
        except BadTable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{found.version}: {found.cases:,} cases, {found.bad:,} of them bad; in cross-validation")
        rows = {f"new {kind}": values for kind, values in found.new.items()}
        if found.old:
            rows[f"champion {found.champion}"] = found.old
        for name, values in rows.items():
            self.stdout.write(f"  {name:<24}" + "  ".join(f"{one} {values[one]:.4f}" for one in FIGURES))
