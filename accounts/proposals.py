"""Two people agree on an operator's rights: whether they work in the back office, and with which roles."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.guards import ACCESS
from accounts.models import User
from accounts.queries import groups_within, may_as_much, rights_of
from accounts.wording import permission_names
from controls.kinds import Kind, Person, Values
from core.errors import Forbidden, Invalid, NotFound

OPERATOR, ACTIVE, ROLES = "is_staff", "is_active", "groups"
HELD, RIGHTS = "held", "permissions"
"""The person's permissions now, and with the proposed roles, for the person who decides; if they change meanwhile, the proposal is void."""


class Access(Kind):
    """Whether a person is an operator who may sign in, and their roles, by name.

    Nobody gives or takes rights that they do not have themselves, and nobody proposes or decides about themselves.
    """

    name, about, title = ACCESS, "access", gettext_lazy("What somebody may do here")

    def subject_name(self, subject: str) -> str:
        """Return the user's name and address."""
        user = _user(subject)
        return f"{user}, {user.email}" if user.name else user.email

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the current rights, and the permissions of the proposed roles."""
        user = _user(subject)
        roles = sorted(user.groups.values_list("name", flat=True))
        found = Permission.objects.filter(Q(group__name__in=after.get(ROLES, ())) | Q(user=user)).distinct()
        future = sorted(f"{app}.{code}" for app, code in found.values_list("content_type__app_label", "codename"))
        return {OPERATOR: user.is_staff, ACTIVE: user.is_active, ROLES: roles, HELD: sorted(rights_of(user)["permissions"]), RIGHTS: future}

    def consequences(self, before: Values, after: Values) -> dict[str, list[str]]:
        """Return the rights that the person gains and loses, in words; nothing for proposals made before these were recorded."""
        if HELD not in before:
            return {}
        held, future = (
            set(before[name]) if access[OPERATOR] and access[ACTIVE] else set() for name, access in ((HELD, before), (RIGHTS, after))
        )
        names = permission_names(held | future)
        lists = {_("Rights that the person gains"): future - held, _("Rights that the person loses"): held - future}
        return {title: sorted(names.get(one, one) for one in codes) for title, codes in lists.items() if codes}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values other than two flags and existing roles."""
        roles = after.get(ROLES)
        flags = all(type(after.get(name)) is bool for name in (OPERATOR, ACTIVE))
        if set(after) != {OPERATOR, ACTIVE, ROLES} or not flags or not isinstance(roles, list) or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if roles != sorted(set(roles)) or Group.objects.filter(name__in=roles).count() != len(roles):
            raise Invalid("There is no such role any more.")

    def refuse_person(self, subject: str, after: Values, person: Person) -> None:
        """Refuse the person themselves, and anyone with fewer rights than the person has or gets."""
        user = _user(subject)
        if str(person.pk) == str(user.pk):
            raise Forbidden("Nobody proposes or decides what they may do themselves.")
        assert isinstance(person, User)
        within = groups_within(person).filter(name__in=after.get(ROLES, ())).count()
        if not may_as_much(person, user) or within != len(after.get(ROLES, ())):
            raise Forbidden("Nobody gives or takes more than they may do themselves.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Give or take the rights; return the user's key."""
        told: dict[str, Any] = {"operator": after[OPERATOR], "active": after[ACTIVE], "roles": after[ROLES]}
        return str(services.set_access(user_id=_user(subject).pk, **told, actor=actor, at=at).pk)

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a flag as yes or no, and roles by name."""
        labels = {
            OPERATOR: _("Works in the back office"),
            ACTIVE: _("May sign in"),
            ROLES: _("Roles"),
            HELD: _("What the person may do"),
            RIGHTS: _("What these roles may do"),
        }
        if isinstance(value, bool):
            return labels[name], _("Yes") if value else _("No")
        return labels[name], ", ".join(map(_, value) if name == ROLES else value) or _("none")

    def link(self, subject: str) -> str:
        """Return the user's page."""
        return reverse("admin:accounts_user_change", args=[subject])


def access_of(user: User | None) -> dict[str, Any]:
    """Return a user's current access in the form of a proposal; None means a user who does not exist yet."""
    if user is None:
        return {OPERATOR: False, ACTIVE: True, ROLES: []}
    return {OPERATOR: user.is_staff, ACTIVE: user.is_active, ROLES: sorted(user.groups.values_list("name", flat=True))}


def _user(subject: str) -> User:
    try:
        found = User.objects.filter(pk=subject).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound("There is no such user.")
    return found
