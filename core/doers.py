"""A list column that names the operator who did something."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, Func, OuterRef, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext

from core.admin import Column, display
from core.readable import words
from core.sentences import Text

KEY = "^[0-9a-f]{8}-[0-9a-f-]{27}$"


def with_operators(rows: QuerySet[Any], *fields: str) -> QuerySet[Any]:
    """Add to each row the names of the operators whose keys these fields hold, as `FIELD_name`, in the same query."""
    named: QuerySet[Any] = rows.annotate(**{f"{field}_name": _name_of(field) for field in fields})
    return named


def _name_of(field: str) -> Subquery:
    """Return the name, or else the address, of the user whose key a field holds; found by the primary key."""
    key = Cast(Func(OuterRef(field), Value(KEY), function="substring"), UUIDField())
    people = get_user_model().objects.filter(pk=key).values(known_as=Coalesce(NullIf("name", Value("")), "email", output_field=CharField()))
    return Subquery(people[:1])


def operator_column(field: str, description: Text) -> Column:
    """Return a column with the operator whose key a field holds (`with_operators`), or another actor, such as a timer, in words."""

    def show(row: Any) -> str:
        actor: str = getattr(row, field)
        others = gettext("Two people") if actor.startswith("proposal:") else words(actor.partition(":")[0])
        return getattr(row, f"{field}_name") or others

    show.__name__ = field
    return display(description=description, ordering=field)(show)
