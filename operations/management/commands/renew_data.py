"""`manage.py renew_data`: bring rows from before to the newest form, in batches, while everything runs."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from accounts.services import renew_people
from core import clock, roles
from core.renewal import renew_all, sealed_models


class Command(BaseCommand):
    """Seals what is encrypted anew, for its row and with the newest key, and writes people's details in their one form."""

    help = "Encrypt rows anew with the newest key, each for itself, and bring people's details to their stored form."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take no arguments of its own."""

    def handle(self, *args: object, **options: object) -> None:
        """Print one line for each table."""
        # The same words under another seal are the same; but only the owner may write over what is kept as evidence.
        with roles.as_owner():
            for model in sealed_models():
                self.stdout.write(f"{model._meta.db_table}: {renew_all(model)} rows sealed anew")
        after, whole = None, 0
        while True:
            after, changed = renew_people(after=after, at=clock.now(), actor="renewal")
            whole += changed
            if after is None:
                break
        self.stdout.write(f"accounts_consumer: {whole} people's details in their stored form")
