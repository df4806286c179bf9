"""Operators of the back office, with permissions recorded in their histories as the product records them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from accounts import services
from accounts.models import User, UserChange
from accounts.rules import normalize_email
from core.ids import uuid7
from core.writes import change, insert, together

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@contextmanager
def telling(*users: User) -> Iterator[None]:
    """Change users' permissions in one transaction, and record the changes."""
    with transaction.atomic(), services.telling_rights(users=users, actor="test", at=AT):
        yield


def make_operator(email: str, password: str | None = "demo-password", *, name: str = "", may: Iterable[str] = ()) -> User:
    """Make an operator with the permissions of some codenames, and the history that `services.make_operator` and `permit` write."""
    user = User(email=normalize_email(email), name=name, is_staff=True, created_at=timezone.now())
    user.set_password(password)
    given = [(key, named) for key, named, codename in _permissions() if codename in set(may)]
    made: dict[str, Any] = {"operator": True, "may_all": False, "active": True, "groups": [], "permissions": []}
    permitted = made | {"permissions": [named for _, named in given]}
    history = [({}, made), (made, permitted)] if given else [({}, made)]
    with transaction.atomic(), together():
        insert(user)
        for key, _ in given:
            change("INSERT INTO accounts_user_user_permissions (user_id, permission_id) VALUES (%s, %s)", [user.pk, key])
        for key, (before, after) in zip(sorted(uuid7() for _ in history), history, strict=True):
            insert(UserChange(id=key, number=0, user=user, before=before, after=after, actor="test", at=AT))
    return user


@cache
def _permissions() -> list[tuple[int, str, str]]:
    """Return every permission in the order of its key: the key, its full name, its codename. Migrations made them; no test does."""
    found = Permission.objects.order_by("pk").values_list("pk", "content_type__app_label", "codename")
    return [(key, f"{app}.{codename}", codename) for key, app, codename in found]


def make_boss(email: str = "boss@kvart.example", password: str | None = "demo-password", *, name: str = "Ada Admin") -> User:
    """Make an operator with all permissions."""
    return services.make_operator(email=email, password=password, name=name, may_all=True, actor="test", at=AT)


def permit(user: User, *codenames: str) -> None:
    """Give a user exactly the permissions of some codenames."""
    with telling(user):
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
