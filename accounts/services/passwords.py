"""Passwords of users: each is chosen with a mail to the user's own address; nobody else types or sees it."""

from datetime import datetime

from django.contrib.auth.tokens import default_token_generator

from accounts.events import PasswordChanged, PasswordLinkWanted
from accounts.models import User
from accounts.passwords import forget_tries
from accounts.queries import lock_user
from brands.models import DEFAULT
from core.db import unit
from core.outbox import append


def ask_new_password(*, user: User | None, place: str, brand: str = DEFAULT, language: str = "", at: datetime) -> None:
    """Send a user a brand's mail to choose a new password for a place (`operator`, `member`); without a user, do nothing.

    It is in `language` if the user has chosen none.
    """
    if user is not None:
        with unit():
            append(PasswordLinkWanted(user=str(user.pk), kind=f"{place}_password", brand=brand, language=language), at=at)


def choose_password(*, user: User, token: str, password: str, place: str, brand: str = DEFAULT, at: datetime) -> bool:
    """Set the password that a user chose with a mailed link; return whether the link was still valid.

    The link is then used up, all sessions of the user end, wrong passwords are forgotten, and a user who had a password before gets a
    letter of the brand.
    """
    with unit():
        locked = lock_user(user.pk)
        if locked is None or not default_token_generator.check_token(locked, token):
            return False
        had_one = locked.has_usable_password()
        locked.set_password(password)
        locked.save(update_fields=["password"])
        forget_tries(locked.email)
        if had_one:
            append(PasswordChanged(user=str(locked.pk), place=place, brand=brand), at=at)
    return True
