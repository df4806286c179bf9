"""Who is notified of a matter, such as proposals of a kind, and sees it on the work list: the people in its route, or else everybody."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from controls.kinds import Person, list_kinds
from controls.models import Proposal, Route
from controls.queries import absences_on
from controls.states import ProposalStatus
from core.errors import NotFound
from core.sentences import Text


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that can have a route: its name, its title, and permissions; any one of these is needed to act on it."""

    name: str
    title: Text
    may: tuple[str, ...]


def proposal_matters() -> list[Matter]:
    """Return the matters for proposals, one per kind."""
    return [Matter(kind.name, kind.title, (kind.may_approve,)) for kind in list_kinds()]


def other_matters() -> list[Matter]:
    """Return the other matters, from the function in `settings.ROUTED`."""
    listed: Callable[[], list[Matter]] = import_string(settings.ROUTED)
    return listed()


def get_matter(name: str) -> Matter:
    """Return a matter by its name; NotFound."""
    found = next((one for one in (*proposal_matters(), *other_matters()) if one.name == name), None)
    if found is None:
        raise NotFound("There is no such matter.")
    return found


def routes() -> dict[str, Route]:
    """Return the route of each kind that has one, by kind; one query. The newest row of a kind applies."""
    newest = Route.objects.order_by("kind", "-id").distinct("kind")
    return {one.kind: one for one in newest if one.people or one.roles}


def named_by(found: Iterable[Route], day: date) -> dict[str, set[str]]:
    """Return, by kind, the keys of active operators in the routes, and of those who stand in for them on a day (UTC).

    A kind is left out if nobody in its route is active any more: then it is for everybody who may decide it. At most two queries.
    """
    asked = list(found)
    if not asked:
        return {}
    people, roles = {key for one in asked for key in one.people}, {name for one in asked for name in one.roles}
    works = get_user_model().objects.filter(is_staff=True, is_active=True).filter(Q(pk__in=people) | Q(groups__name__in=roles))
    members = [(str(key), role) for key, role in works.values_list("pk", "groups__name")]
    away = absences_on(day)
    named = {}
    for one in asked:
        keys = {key for key, role in members if key in one.people or role in one.roles}
        keys |= {away[key].stand_in for key in keys if key in away and away[key].stand_in}
        if keys:
            named[one.kind] = keys
    return named


def present(users: Iterable[Any], day: date) -> list[Any]:
    """Return those operators who are not away on a day (UTC); all of them if everybody is away."""
    found, away = list(users), absences_on(day)
    return [user for user in found if str(user.pk) not in away] or found


def waiting_proposals(user: Person, day: date) -> QuerySet[Proposal]:
    """Return the proposals that wait for an operator on a day (UTC): undecided ones, and ones that could not be applied.

    The operator may decide or propose the kind, and the kind's route, if any, names them or somebody they stand in for. Their own proposals
    are included.
    """
    mine = str(user.pk)
    kinds = [kind.name for kind in list_kinds() if user.may(kind.may_approve) or user.may(kind.may_propose)]
    elsewhere = [kind for kind, named in named_by(routes().values(), day).items() if mine not in named]
    waiting = Q(status=ProposalStatus.PROPOSED) | (Q(status=ProposalStatus.APPROVED) & ~Q(trouble=""))
    return Proposal.objects.filter(waiting, kind__in=kinds).filter(~Q(kind__in=elsewhere) | Q(proposed_by=mine))
