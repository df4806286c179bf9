"""Operators' accounts and rights."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet

from accounts import rules
from accounts.events import OperatorExcluded, PasswordLinkWanted
from accounts.models import User, UserChange
from accounts.queries import lock_rights, lock_user, rights_of
from accounts.rules import rights
from controls.services.assigning import release_all_of
from core.db import unit
from core.errors import Invalid, NotFound
from core.outbox import append
from core.sentences import Sentence


def invite_operator(*, user: User, at: datetime, language: str = "") -> None:
    """Send an operator a mail to choose their first password, or send it again; in `language` if the operator has none."""
    with unit():
        append(PasswordLinkWanted(user=str(user.pk), kind="operator_invited", language=language), at=at)


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
    """Make an operator with all rights, without a password, and invite them; Invalid if the address is not valid, or is taken."""
    try:
        address = rules.normalize_email(email)
    except rules.Faulty:
        raise Invalid("This is not an e-mail address.", fields={"email": Sentence("is not an e-mail address")}) from None
    with unit():
        if User.objects.filter(email=address).exists():
            raise Invalid("This address has an account already.", fields={"email": Sentence("has an account already")})
        user = make_operator(email=address, name=name, may_all=True, actor=actor, at=at)
        invite_operator(user=user, at=at)
    return user


@contextmanager
def telling_rights(*, users: Iterable[User], actor: str, at: datetime) -> Iterator[None]:
    """Record in users' histories how their rights change in the block, in one unit of work."""
    with unit():
        lock_rights()
        people = list(users)
        yield
        for user in people:
            record_rights(user=user, actor=actor, at=at)


def set_access(*, user_id: uuid.UUID, operator: bool, active: bool, roles: Collection[str], actor: str, at: datetime) -> User:
    """Make a user an operator with roles, by name, or end that; record the rights.

    A user who joins, or comes back, gets a mail to choose a password; one who leaves loses the password, all sessions and all tasks.
    """
    with unit():
        lock_rights()
        user = lock_user(user_id, who_left=True)
        if user is None:
            raise NotFound("There is no such user.")
        worked, was_active = user.works_here, user.is_active
        user.is_staff, user.is_active = operator, active
        if was_active and not active:
            # A new password ends all sessions, even if the person comes back later.
            user.set_unusable_password()
        user.save(update_fields=["is_staff", "is_active", "password"])
        user.groups.set(Group.objects.filter(name__in=roles))
        if worked and not user.works_here:
            release_all_of(person=str(user.pk), at=at)
        if user.works_here and not worked and not user.has_usable_password():
            invite_operator(user=user, at=at)
        record_rights(user=user, actor=actor, at=at)
    return user


def set_roles(*, roles: Mapping[str, Collection[str]], actor: str, at: datetime) -> int:
    """Give the groups of the product's roles exactly their permissions (`app.codename`), and record their members' rights.

    Missing groups are made; groups that operators made are not changed. Return how many groups changed.
    """
    changed = 0
    for name, codes in roles.items():
        members = User.objects.filter(groups__name=name)
        with telling_rights(users=members, actor=actor, at=at):
            group, _made = Group.objects.get_or_create(name=name)
            named = [code.split(".", 1) for code in codes]
            wanted = [
                one for one in _permissions({codename for _, codename in named}) if [one.content_type.app_label, one.codename] in named
            ]
            if set(group.permissions.all()) != set(wanted):
                group.permissions.set(wanted)
                changed += 1
    return changed


def _permissions(codenames: Collection[str]) -> QuerySet[Permission]:
    return Permission.objects.filter(codename__in=codenames).select_related("content_type")


def record_rights(*, user: User, actor: str, at: datetime, reason: str = "") -> None:
    """Record a user's current rights in their history, in the transaction that changed them under `lock_rights`."""
    newest = user.changes.order_by("-number").first()
    before, after = newest.after if newest else {}, rights_of(user)
    if rights.told(before, after):
        UserChange.objects.create(user=user, before=before, after=after, actor=actor, reason=reason, at=at)


def lock_out(*, user: User, actor: str, reason: str, at: datetime) -> None:
    """Let a user sign in no more, end their sessions, and tell all who decide about rights; the one way in which one person takes rights.

    In the caller's transaction, under `lock_rights`. The user comes back by a proposal, with a new password.
    """
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    record_rights(user=user, actor=actor, reason=reason, at=at)
    append(OperatorExcluded(user=str(user.pk), by=actor), at=at)
