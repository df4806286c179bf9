"""`manage.py load_list SOURCE FILE`: load a published list of sanctions as a new version."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import ListUnreadable
from accounts.gateways.published_lists import opened
from accounts.screening.lists.services import load_list
from accounts.states import ListSource
from core import clock


class Command(BaseCommand):
    """Loads a list."""

    help = "Load a published list of sanctions (XML), and say what changed. People are compared with the changes by the workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the list and the file."""
        parser.add_argument("source", choices=[one.value for one in ListSource])
        parser.add_argument("file", help="a file, a directory whose newest file is taken, or an https address")
        parser.add_argument("--shrinks", action="store_true", help="the list has really lost more than half of its entries")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it."""
        try:
            with opened(options["file"]) as file:
                made = load_list(source=ListSource(options["source"]), file=file, at=clock.now(), shrinks=options["shrinks"])
        except (ListUnreadable, OSError) as error:
            raise CommandError(f"{error} {error.__cause__ or ''}".strip()) from error
        if made is None:
            self.stdout.write("Nothing has changed.")
        else:
            self.stdout.write(f"{made.entries} entries: {made.added} added, {made.changed} changed, {made.removed} removed.")
