"""The kinds of proposals: what each changes, who may propose and decide it, and how it is carried out.

The app that owns the changed rows defines the kind; `bnpl.proposals` names all of them.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, Protocol

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string

from core.errors import NotFound

Values = Mapping[str, Any]


class Person(Protocol):
    """The attributes of an operator that the services of proposals use."""

    @property
    def pk(self) -> Any:
        """The operator's key."""

    def may(self, permission: str) -> bool:
        """Whether the operator is active and has a permission."""


def find_person(key: str) -> Person | None:
    """Return an operator by their key, with their present rights; None if there is no such operator."""
    try:
        found: Any = get_user_model().objects.filter(pk=key).first()
    except (ValidationError, ValueError):
        return None
    return found  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Detail:
    """A table that shows the people who decide what a proposal changes, in words and figures: heads and rows, and a link to more."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    text: str = ""
    link: str = ""
    link_text: str = ""

    @property
    def cells(self) -> list[list[tuple[str, str]]]:
        """The rows, each cell with its head."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


class Kind(ABC):
    """A kind of proposal; `about` chooses the permissions (`propose_...`, `approve_...`), and `title` names it for people.

    If `on_its_day`, an approved proposal is applied when its day begins; else at once, and its values contain the day.
    """

    name: ClassVar[str]
    about: ClassVar[str]
    title: ClassVar[Any]
    on_its_day: ClassVar[bool] = True
    order: ClassVar[Sequence[str]] = ()
    """The names of values in the order in which people read them; the others come after, as they were stored."""

    @property
    def may_propose(self) -> str:
        """The permission to propose it."""
        return f"controls.propose_{self.about}"

    @property
    def may_approve(self) -> str:
        """The permission to decide it."""
        return f"controls.approve_{self.about}"

    @abstractmethod
    def subject_name(self, subject: str) -> str:
        """Return the subject's name for people; NotFound."""

    def zone(self, subject: str) -> str:
        """Return the time zone of the subject's days; UTC for changes that apply everywhere at the same time."""
        return "UTC"

    @abstractmethod
    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the present values that a proposal would change, as plain values."""

    @abstractmethod
    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that are not allowed; Invalid names the field."""

    def refuse_person(self, subject: str, after: Values, person: Person) -> None:  # noqa: B027  (most kinds refuse nobody)
        """Refuse a person who has the permission but may not propose or decide this particular change; Forbidden."""

    @abstractmethod
    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Apply an approved proposal in the caller's transaction; return the result, such as a version."""

    @abstractmethod
    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the display name of a value, and the formatted value."""

    def consequences(self, before: Values, after: Values) -> dict[str, list[str]]:
        """Return what a proposal's values bring about that they do not say themselves: lists of words by their headings."""
        return {}

    def details(self, subject: str, before: Values, after: Values) -> list[Detail]:
        """Return tables that show what a proposal's values mean; empty if the values say enough."""
        return []

    def cautions(self, subject: str, after: Values) -> list[str]:
        """Return sentences that the people who propose and decide should read first; empty if there is nothing to warn of."""
        return []

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the form fields of values that a proposal may be changed to, each with the present one as its initial value.

        Empty if the values have a page of their own: then only reason, evidence and day can be changed here.
        """
        return {}

    def link(self, subject: str) -> str:
        """Return the URL of the subject's page in the back office; empty if it has none."""
        return ""

    def preview(self, proposal: uuid.UUID) -> str:
        """Return the URL of the page that previews a proposal's effects; empty if its values say enough."""
        return ""


@cache
def _all() -> dict[str, Kind]:
    kinds = [import_string(path)() for path in import_string(settings.PROPOSALS)]
    return {kind.name: kind for kind in kinds}


def get_kind(name: str) -> Kind:
    """Return a kind of proposal by its name; NotFound."""
    kind = _all().get(name)
    if kind is None:
        raise NotFound("There is no such kind of proposal.")
    return kind


def list_kinds() -> list[Kind]:
    """Return all kinds of proposals."""
    return list(_all().values())


def may_be_one_person(one: str, other: str, *, at: datetime) -> bool:
    """Return whether two operators, by their keys, may be the same person; the function in `settings.ONE_PERSON` decides."""
    return one == other or bool(import_string(settings.ONE_PERSON)(one, other, at=at))
