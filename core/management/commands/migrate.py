"""`manage.py migrate`: change the tables as their owner, and grant the application its rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import models
from django_fsm import FSMFieldMixin

from core import roles

ONE_ROLE = (
    "The application owns its tables, so that it can change what the database keeps as evidence. "
    "Set DATABASE_OWNER_URL to their owner, and name another role in DATABASE_URL: migrate makes it."
)


class Command(migrate.Command):
    """Migrates as the role of DATABASE_OWNER_URL, then grants the role of DATABASE_URL the rights to work in the tables, and no more."""

    def check(self, *args: Any, **how: Any) -> None:
        """Say what is wrong with the settings first: checks of models ask the database."""
        super().check(tags=["bnpl"])
        super().check(*args, **how)

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then set the rights."""
        with roles.as_owner(), without_transitions():
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                roles.guard()
        if not settings.DATABASE_OWNER:
            self.stderr.write(ONE_ROLE)


@contextmanager
def without_transitions() -> Iterator[None]:
    """Build the models of migrations without transitions: they are built thousands of times, and half of the time would go into the search.

    The library searches every new model for the transitions of each state column that was ever created.
    """
    found = FSMFieldMixin.contribute_to_class

    def plainly(field: Any, model: type[models.Model], name: str, **how: Any) -> None:
        if model.__module__ == "__fake__":
            field.base_cls = model
            super(FSMFieldMixin, field).contribute_to_class(model, name, **how)
        else:
            found(field, model, name, **how)

    FSMFieldMixin.contribute_to_class = plainly
    try:
        yield
    finally:
        FSMFieldMixin.contribute_to_class = found
