"""People of the back office, made and given rights as the product does it: told in their histories."""

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
    """Change what users may do within, in one transaction, and tell it."""
    with transaction.atomic(), services.telling_rights(users=users, actor="test", at=AT):
        yield


def make_operator(email: str, password: str | None = "demo-password", *, name: str = "", may: Iterable[str] = ()) -> User:
    """Make an operator who may do what some codenames say."""
    with transaction.atomic():
        user = services.make_operator(email=email, password=password, name=name, actor="test", at=AT)
        permit(user, *may)
    return user


def make_boss(email: str = "boss@kvart.example", password: str | None = "demo-password", *, name: str = "Ada Admin") -> User:
    """Make an operator who may do all."""
    return services.make_operator(email=email, password=password, name=name, may_all=True, actor="test", at=AT)


def permit(user: User, *codenames: str) -> None:
    """Let a user do what some codenames say, and nothing else."""
    with telling(user):
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
