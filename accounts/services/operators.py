"""How operators come to their password: by a mail to their own address; nobody else ever types or sees it."""

from datetime import datetime

from accounts import rules
from accounts.events import PasswordLinkWanted
from accounts.models import User
from accounts.queries import find_operator
from core.db import unit
from core.errors import Invalid
from core.outbox import append


def invite_operator(*, user: User, at: datetime) -> None:
    """Send somebody who works here a mail by which they choose their first password; again where it was lost."""
    with unit():
        append(PasswordLinkWanted(user=str(user.pk), kind="operator_invited"), at=at)


def make_first_operator(*, email: str, name: str, at: datetime) -> User:
    """Make somebody who may do all in the back office, without a password, and invite them; Invalid where it is no address, or is taken."""
    try:
        address = rules.normalize_email(email)
    except rules.Faulty:
        raise Invalid("This is not an e-mail address.", fields={"email": "is not an e-mail address"}) from None
    with unit():
        if User.objects.filter(email=address).exists():
            raise Invalid("This address has an account already.", fields={"email": "has an account already"})
        user: User = User.objects.create_superuser(address, None, name=name)
        invite_operator(user=user, at=at)
    return user


def ask_new_password(*, email: str, at: datetime) -> None:
    """Send an operator a mail by which they choose another password; nothing happens or is told where there is no such operator."""
    with unit():
        user = find_operator(email)
        if user is not None:
            append(PasswordLinkWanted(user=str(user.pk), kind="operator_password"), at=at)
