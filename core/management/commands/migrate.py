"""`manage.py migrate`: change the tables as their owner, and grant the application its rights."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string
from django_fsm import FSMFieldMixin

from core import roles
from core.rendering import rendering_less

ONE_ROLE = (
    "The application owns its tables, so that it can change what the database keeps as evidence. "
    "Set DATABASE_OWNER_URL to their owner, and name another role in DATABASE_URL: migrate makes it."
)


class Command(migrate.Command):
    """Migrates as the role of DATABASE_OWNER_URL, then grants the role of DATABASE_URL the rights to work in the tables, and no more."""

    def check(self, *args: Any, **how: Any) -> None:
        """Check the settings first, then everything else as the owner, because the application's role may not exist yet."""
        super().check(tags=["bnpl"])
        with roles.as_owner():
            super().check(*args, **how)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the application's role, migrate, then set its rights; CommandError if the role is missing and the owner may not make it."""
        changes = not (options["plan"] or options["check_unapplied"])
        # A named migration may be an older one.
        less = nullcontext() if options["migration_name"] else rendering_less()
        with roles.as_owner(), without_transitions(), rarely_collecting(), less:
            if changes:
                self._make_role()
            super().handle(*args, **options)
            if changes:
                self._finish()
                roles.guard()
        if not settings.DATABASE_OWNER:
            self.stderr.write(ONE_ROLE)

    def _finish(self) -> None:
        """Run what apps must do after migrating to the newest state; skipped when migrating back to an older state."""
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            for path in settings.AFTER_MIGRATE:
                import_string(path)()

    def _make_role(self) -> None:
        try:
            roles.make_role()
        except roles.RoleMissing as missing:
            raise CommandError(str(missing)) from None


@contextmanager
def without_transitions() -> Iterator[None]:
    """Build the models of migrations without transitions: they are built thousands of times, and half the time would go into the search.

    The library searches every new model for transitions of each state column ever created.
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


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Run the garbage collector rarely: every migration builds models again, and scanning them took two fifths of the time."""
    often = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*often)
