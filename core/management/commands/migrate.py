"""`manage.py migrate`: change the tables as their owner, and let the application into them."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate

from core import roles

ONE_ROLE = (
    "The application owns its tables, so that it can change what the database keeps as evidence. "
    "Set DATABASE_OWNER_URL to their owner, and name another role in DATABASE_URL: migrate makes it."
)


class Command(migrate.Command):
    """Migrates as the role of DATABASE_OWNER_URL; afterwards the role of DATABASE_URL may work in the tables, and no more."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then set the rights."""
        with roles.as_owner():
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                roles.guard()
        if not settings.DATABASE_OWNER:
            self.stderr.write(ONE_ROLE)
