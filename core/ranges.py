"""Ranges of internet addresses in the database."""

from typing import Any

from django.db import models


class RangeField(models.Field):  # type: ignore[type-arg]
    """A range of internet addresses, as text such as `203.0.113.0/24`."""

    def db_type(self, connection: Any) -> str:
        """Return the column's type in the database."""
        return "cidr"
