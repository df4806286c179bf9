"""Models with state machines: a status that only its transitions change, and that may be read again by any thread.

`django_fsm`'s own mixin lifts the protection of the whole class while one row is read again, so that two threads that do so at
once trip over each other. Here the row that is read again lays its own states aside.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django_fsm import FSMFieldMixin


class Stateful(models.Model):
    """A model with protected states."""

    class Meta:
        abstract = True

    def _states(self) -> set[str]:
        return {field.attname for field in self._meta.concrete_fields if isinstance(field, FSMFieldMixin) and field.protected}

    def refresh_from_db(self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None) -> None:
        """Read the row again, or some of its fields, its states included."""
        wanted = None if fields is None else list(fields)
        aside = {name: self.__dict__.pop(name) for name in self._states() & self.__dict__.keys() if wanted is None or name in wanted}
        self.__dict__["_read_again"] = set(aside)
        try:
            super().refresh_from_db(using=using, fields=wanted, from_queryset=from_queryset)
        except BaseException:
            self.__dict__.update(aside)
            raise
        finally:
            del self.__dict__["_read_again"]

    def get_deferred_fields(self) -> set[str]:
        """Return the fields that are not loaded; those laid aside to be read again are."""
        aside: set[str] = self.__dict__.get("_read_again", set())
        return super().get_deferred_fields() - aside
