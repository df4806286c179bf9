"""Set routes: the people and roles who are notified of a matter."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import Group

from controls.kinds import Person, find_person
from controls.models import Route
from controls.routing import get_matter, routes
from controls.services.proposing import as_is
from core.db import unit, wait_lock
from core.errors import Invalid, refuse, require, why_fault
from core.sentences import Sentence

MAY_ROUTE = "controls.assign_task"


def set_route(*, kind: str, people: Collection[str], roles: Collection[str], reason: str, user: Person, at: datetime) -> Route:
    """Set who is notified of a matter: operators (by key) and roles (by name); if both are empty, everybody who may act on it.

    `kind` is the matter's name, such as a kind of proposals. A route gives nobody a right. Forbidden without the permission to assign
    tasks; Invalid names a person who may not act on the matter, or an unknown role.
    """
    require(as_is(user), MAY_ROUTE)
    may = get_matter(kind).may
    refuse({"reason": why_fault(reason)})
    found = [find_person(key) for key in people]
    if not all(one is not None and any(map(one.may, may)) for one in found):
        raise Invalid("Somebody of these may not act on it.", fields={"people": Sentence("may not act on it")})
    if Group.objects.filter(name__in=roles).count() != len(set(roles)):
        raise Invalid("There is no such role.", fields={"roles": Sentence("no such role")})
    with unit():
        wait_lock(f"route {kind}")
        holds = routes().get(kind)
        told = {"people": sorted(set(people)), "roles": sorted(set(roles))}
        if told == ({"people": holds.people, "roles": holds.roles} if holds else {"people": [], "roles": []}):
            raise Invalid("Nothing would change.", code="controls.nothing_changes")
        return Route.objects.create(kind=kind, **told, reason=reason.strip()[:500], made_by=str(user.pk), made_at=at)
