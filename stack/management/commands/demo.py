"""`manage.py demo`: run the whole platform on this machine."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from stack import demo


class Command(BaseCommand):
    """Lists the command in `manage.py help`; `manage.py` itself calls the stack without loading Django."""

    help = "Run the whole platform on this machine: servers, web, workers, sandbox world and demo shop. Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Pass the arguments to the stack unchanged."""
        sys.exit(demo.main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run with no options, for `call_command`."""
        sys.exit(demo.main([]))
