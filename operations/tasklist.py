"""The work list for pages: an operator's open tasks, each with its assignee; and one task on its own page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import operators
from controls.queries import assignments, find_assignment
from core import clock
from core.once import new_key
from core.unreadable import listing
from operations.sources import Pick, Source, Task, find_source, some_words, sources_of

MAY_GIVE = "controls.assign_task"
SHOWN = 50
MOST_PAGES = 20
"""The most pages of the list: tasks are done from its start, and a filter by kind shortens it."""
WHO = ("all", "mine", "free")


def list_tasks(user: User, *, kind: str = "", who: str = "all", limit: int = SHOWN) -> list[Task]:
    """Return the tasks of an operator's role, the most urgent first; `who` selects all, mine, or unassigned ones."""
    at = clock.now()
    taken: dict[str, list[tuple[str, str]]] = {}
    for one in assignments(clock.wall()):
        taken.setdefault(one.kind, []).append((one.subject, one.person))
    found: list[Task] = []
    for source in sources_of(user):
        if kind in {"", source.kind}:
            has = taken.get(source.kind, [])
            found += source.list(user, _pick(has, who, str(user.pk)), at=at, limit=limit)
    return sorted(found, key=lambda task: task.order)[:limit]


def _pick(has: list[tuple[str, str]], who: str, user: str) -> Pick:
    if who == "mine":
        return Pick(only=[subject for subject, person in has if person == user])
    return Pick(without=[subject for subject, _person in has]) if who == "free" else Pick()


def work_list(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return one page of an operator's open tasks, each with its assignee, for the first page of the back office."""
    kind, who, page = request.GET.get("kind", ""), request.GET.get("who", "all"), _page_number(request)
    who = who if who in WHO else "all"
    sources = sources_of(user)
    with listing():
        found = list_tasks(user, kind=kind, who=who, limit=page * SHOWN + 1)
    tasks = found[(page - 1) * SHOWN : page * SHOWN]
    has = {(one.kind, one.subject): one for one in assignments(clock.wall())}
    people = operators_by_key()
    at = clock.now()
    counts = [one.count(user, at=at) for one in sources]
    chips = [
        {"kind": one.kind, "title": one.title, "count": some_words(count), "here": one.kind == kind}
        for one, count in zip(sources, counts, strict=True)
    ]
    titles = {one.kind: one.title for one in sources}
    return {
        "tasks": [
            {
                "task": task,
                "title": titles[task.kind],
                "by": people.get(one.person, "") if (one := has.get((task.kind, task.key))) else "",
                "mine": one is not None and one.person == str(user.pk),
                "until": one.until if one else None,
                "late": task.due is not None and task.due < at,
            }
            for task in tasks
        ],
        "chips": chips,
        "kind": kind if kind in titles else "",
        "who": who,
        "whos": [("all", _("All")), ("mine", _("Mine")), ("free", _("Nobody's"))],
        "task_count": some_words(sum(counts)),
        "people": people if user.has_perm(MAY_GIVE) else {},
        "page": page,
        "earlier": page - 1,
        "later": page + 1 if len(found) > page * SHOWN and page < MOST_PAGES else 0,
        "acts": {name: reverse(f"admin:controls_assignment_{name}") for name in ("take", "release", "give")},
        "once": new_key(),
    }


def _page_number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), MOST_PAGES) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 1


def operators_by_key() -> dict[str, str]:
    """Return the names of all operators by their keys, sorted by name."""
    return {str(one.pk): str(one) for one in operators().order_by("name", "email")}


def task_of(user: User, kind: str, subject: str) -> dict[str, Any]:
    """Return a task's assignee, since when, and which of take, give and release the operator may use; empty if the task is not open.

    A constant number of queries.
    """
    source = find_source(user, kind)
    task = open_task(source, user, subject) if source else None
    if task is None:
        return {}
    has = find_assignment(kind, subject, clock.wall())
    people, mine = operators_by_key(), has is not None and has.person == str(user.pk)
    others = {key: name for key, name in people.items() if has is None or key != has.person}
    return {
        "task": task,
        "has": has,
        "by": people.get(has.person, "") if has else "",
        "given_by": people.get(has.given_by, "") if has and has.given_by != has.person else "",
        "mine": mine,
        "people": others if mine or user.has_perm(MAY_GIVE) else {},
        "once": new_key(),
    }


def open_task(source: Source, user: User, subject: str) -> Task | None:
    """Return a task by its key, if it is open."""
    try:
        with listing():
            found = source.list(user, Pick(only=[subject]), at=clock.now(), limit=1)
    except (ValueError, ValidationError):
        return None
    return found[0] if found else None
