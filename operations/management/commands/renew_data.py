"""`manage.py renew_data`: convert old rows to the newest format, in batches, while everything runs."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from accounts.services import renew_people
from core import clock, roles
from core.renewal import renew_all, sealed_models


class Command(BaseCommand):
    """Encrypts sealed columns again with the newest key, bound to their rows, and normalizes people's details."""

    help = "Encrypt rows anew with the newest key, each for itself, and bring people's details to their stored form."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare no arguments of its own."""

    def handle(self, *args: object, **options: object) -> None:
        """Print one line for each table."""
        # Only the tables' owner may write to rows that are kept as evidence; encrypting the same text again does not change their content.
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
