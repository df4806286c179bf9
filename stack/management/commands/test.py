"""`manage.py test`: run the tests on their own servers."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from stack import testing


class Command(BaseCommand):
    """Lists the command in `manage.py help`; `manage.py` itself calls the stack without loading Django."""

    help = "Run the tests with pytest on a PostgreSQL and a Redis of their own; takes the arguments of pytest."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Pass the arguments to the stack unchanged."""
        sys.exit(testing.main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run with no options, for `call_command`."""
        sys.exit(testing.main([]))
