"""How operators come to their password: by a mail to their own address; nobody else ever types or sees it."""

from datetime import datetime

from accounts.events import PasswordLinkWanted
from accounts.models import User
from accounts.queries import find_operator
from core.db import unit
from core.outbox import append


def invite_operator(*, user: User, at: datetime) -> None:
    """Send somebody who works here a mail by which they choose their first password; again where it was lost."""
    with unit():
        append(PasswordLinkWanted(user=str(user.pk), kind="operator_invited"), at=at)


def ask_new_password(*, email: str, at: datetime) -> None:
    """Send an operator a mail by which they choose another password; nothing happens or is told where there is no such operator."""
    with unit():
        user = find_operator(email)
        if user is not None:
            append(PasswordLinkWanted(user=str(user.pk), kind="operator_password"), at=at)
