"""Two people agree that a user who lost their second factor may set one up anew."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.factors.queries import find_authenticator, has_authenticator
from accounts.factors.services import remove_authenticator
from accounts.models import User
from accounts.queries import may_as_much
from controls.kinds import Kind, Person, Values
from core.clock import wall
from core.errors import Forbidden, Invalid, NotFound

APP = "app"
GIVEN_UP = {APP: ""}
"""What is proposed: that the present app, with its recovery codes and the passkeys beside it, counts no more."""


class LostFactor(Kind):
    """The end of a user's second factor that was lost; the password alone then opens the page that sets up another.

    Nobody proposes or decides it of themselves, nor of somebody with more rights: with the user's mailbox one would get all of them.
    """

    name, about, title = "accounts.lost_factor", "access", gettext_lazy("Lost second factor")

    def subject_name(self, subject: str) -> str:
        """Return the user's name and address."""
        user = _user(subject)
        return f"{user}, {user.email}" if user.name else user.email

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the id of the present app, so that the proposal is void once there is another; empty without one."""
        user = _user(subject)
        found = find_authenticator(user.pk) if has_authenticator(user.pk) else None
        return {APP: found.public_id if found else ""}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but the end of the app of a user who has one."""
        if dict(after) != GIVEN_UP or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if not has_authenticator(_user(subject).pk):
            raise Invalid("This person has no app with codes.")

    def refuse_person(self, subject: str, after: Values, person: Person) -> None:
        """Refuse the user themselves, and anyone with fewer rights than the user."""
        user = _user(subject)
        if str(person.pk) == str(user.pk):
            raise Forbidden("Nobody proposes or decides what they may do themselves.")
        assert isinstance(person, User)
        if not may_as_much(person, user):
            raise Forbidden("Nobody gives or takes more than they may do themselves.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """End the app, its passkeys and all sessions; the user is told by mail. Return the user's key."""
        user = _user(subject)
        remove_authenticator(user=user, actor=actor, wall=wall(), at=at)
        return str(user.pk)

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return whether there is an app."""
        return _("App with codes"), _("Yes") if value else _("No")

    def link(self, subject: str) -> str:
        """Return the user's page."""
        return reverse("admin:accounts_user_change", args=[subject])


def _user(subject: str) -> User:
    try:
        found = User.objects.filter(pk=subject).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound("There is no such user.")
    return found
