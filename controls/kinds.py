"""The kinds of proposals: what each changes, who may propose and decide it, and who carries it out.

The app that owns the changed rows defines the kind; `bnpl.proposals` names all of them.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
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
    """An operator, as the services of proposals need to know them."""

    @property
    def pk(self) -> Any:
        """The operator's key."""

    def may(self, permission: str) -> bool:
        """Whether the operator works here and has a permission."""


def find_person(key: str) -> Person | None:
    """Return an operator by their key as they are now, with the rights of this moment; None where nobody has the key."""
    try:
        found: Any = get_user_model().objects.filter(pk=key).first()
    except (ValidationError, ValueError):
        return None
    return found  # type: ignore[no-any-return]


class Kind(ABC):
    """A kind of proposal; `about` chooses the permissions (`propose_...`, `approve_...`), and `title` names it for people.

    Where `on_its_day` holds, an approved proposal is applied when its day begins; else it is applied at once, and its values say the day.
    """

    name: ClassVar[str]
    about: ClassVar[str]
    title: ClassVar[Any]
    on_its_day: ClassVar[bool] = True

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
        """Return the time zone in which the subject's days begin; UTC for what holds at one moment everywhere."""
        return "UTC"

    @abstractmethod
    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the present values that a proposal would change, in plain values."""

    @abstractmethod
    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that cannot hold; Invalid names the field."""

    def refuse_person(self, subject: str, after: Values, person: Person) -> None:  # noqa: B027  (most kinds refuse nobody)
        """Refuse somebody who, with the permission, may still not propose or decide just this; Forbidden."""

    @abstractmethod
    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Apply an approved proposal in the caller's transaction; return what came of it, such as a version."""

    @abstractmethod
    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a value's name and the value itself, as people read them."""

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the form fields of values that a proposal may be changed to, each with the present one as its initial value.

        Empty where the values are typed on a page of their own: then only reason, evidence and day change here.
        """
        return {}

    def link(self, subject: str) -> str:
        """Return the address of the subject's page in the back office; empty where it has none."""
        return ""

    def preview(self, proposal: uuid.UUID) -> str:
        """Return the address of the page that shows what a proposal would bring about; empty where its values say all."""
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
    """Return whether two operators, by their keys, may be one person; the app of people knows (`settings.ONE_PERSON`)."""
    return one == other or bool(import_string(settings.ONE_PERSON)(one, other, at=at))
