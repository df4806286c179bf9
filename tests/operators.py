"""Operators of the back office, with permissions recorded in their histories as the product records them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.contrib.auth.models import Permission
from django.db import transaction

from accounts import services
from accounts.models import User

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@contextmanager
def telling(*users: User) -> Iterator[None]:
    """Change users' permissions in one transaction, and record the changes."""
    with transaction.atomic(), services.telling_rights(users=users, actor="test", at=AT):
        yield


def make_operator(email: str, password: str | None = "demo-password", *, name: str = "", may: Iterable[str] = ()) -> User:
    """Make an operator with the permissions of some codenames."""
    with transaction.atomic():
        user = services.make_operator(email=email, password=password, name=name, actor="test", at=AT)
        permit(user, *may)
    return user


def make_boss(email: str = "boss@kvart.example", password: str | None = "demo-password", *, name: str = "Ada Admin") -> User:
    """Make an operator with all permissions."""
    return services.make_operator(email=email, password=password, name=name, may_all=True, actor="test", at=AT)


def permit(user: User, *codenames: str) -> None:
    """Give a user exactly the permissions of some codenames."""
    with telling(user):
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
