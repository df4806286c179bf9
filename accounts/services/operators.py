"""Operators' accounts and their passwords: each operator chooses theirs by a mail to their own address; nobody else types or sees it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.contrib.auth.models import Group

from accounts import rules
from accounts.events import PasswordLinkWanted
from accounts.models import User, UserChange
from accounts.queries import find_operator, lock_rights, rights_of
from accounts.rules import rights
from core.db import unit
from core.errors import Invalid
from core.outbox import append


def invite_operator(*, user: User, at: datetime) -> None:
    """Send an operator a mail to choose their first password; again where the mail was lost."""
    with unit():
        append(PasswordLinkWanted(user=str(user.pk), kind="operator_invited"), at=at)


def make_operator(
    *, email: str, name: str, actor: str, at: datetime, password: str | None = None, groups: Iterable[Group] = (), may_all: bool = False
) -> User:
    """Make an operator, in groups or with all rights, and record the rights; without a password until they choose one."""
    with unit():
        lock_rights()
        user: User = User.objects.create_user(email, password, name=name, is_staff=True, is_superuser=may_all)
        user.groups.set(groups)
        record_rights(user=user, actor=actor, at=at)
    return user


def make_first_operator(*, email: str, name: str, actor: str, at: datetime) -> User:
    """Make an operator with all rights, without a password, and invite them; Invalid where the address is not valid, or is taken."""
    try:
        address = rules.normalize_email(email)
    except rules.Faulty:
        raise Invalid("This is not an e-mail address.", fields={"email": "is not an e-mail address"}) from None
    with unit():
        if User.objects.filter(email=address).exists():
            raise Invalid("This address has an account already.", fields={"email": "has an account already"})
        user = make_operator(email=address, name=name, may_all=True, actor=actor, at=at)
        invite_operator(user=user, at=at)
    return user


@contextmanager
def telling_rights(*, users: Iterable[User], actor: str, at: datetime) -> Iterator[None]:
    """Record in users' histories how their rights change inside the block, in one unit of work."""
    with unit():
        lock_rights()
        people = list(users)
        yield
        for user in people:
            record_rights(user=user, actor=actor, at=at)


def record_rights(*, user: User, actor: str, at: datetime) -> None:
    """Record a user's present rights in their history, in the transaction that changed them under `lock_rights`."""
    newest = user.changes.order_by("-number").first()
    before, after = newest.after if newest else {}, rights_of(user)
    if rights.told(before, after):
        UserChange.objects.create(user=user, before=before, after=after, actor=actor, at=at)


def ask_new_password(*, email: str, at: datetime) -> None:
    """Send an operator a mail to choose another password; where there is no such operator, do nothing and reveal nothing."""
    with unit():
        user = find_operator(email)
        if user is not None:
            append(PasswordLinkWanted(user=str(user.pk), kind="operator_password"), at=at)
