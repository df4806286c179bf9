"""The acts of the work list: take a task, take the next one, give it to somebody, release it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.queries import operators
from controls import services
from controls.admin import person_name
from controls.errors import Taken
from controls.models import Assignment
from controls.queries import assignments
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, display, moment_column
from core.errors import Invalid
from core.unreadable import listing
from operations.sources import Pick, Source, Task, find_source, sources_of

MAY_GIVE = "controls.assign_task"
SHOWN = 50
WHO = ("all", "mine", "free")


def list_tasks(user: User, *, kind: str = "", who: str = "all", limit: int = SHOWN) -> list[Task]:
    """Return the tasks of an operator's role in the order in which they are done; `who`: all, mine, or those that nobody has."""
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
    """Return the open tasks of an operator as the first page shows them, with who has each."""
    kind, who = request.GET.get("kind", ""), request.GET.get("who", "all")
    who = who if who in WHO else "all"
    sources = sources_of(user)
    with listing():
        tasks = list_tasks(user, kind=kind, who=who)
    has = {(one.kind, one.subject): one for one in assignments(clock.wall())}
    people = {str(one.pk): str(one) for one in operators().order_by("name", "email")}
    at = clock.now()
    chips = [{"kind": one.kind, "title": one.title, "count": one.count(user, at=at), "here": one.kind == kind} for one in sources]
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
        "task_count": sum(chip["count"] for chip in chips),
        "people": people if user.has_perm(MAY_GIVE) else {},
    }


@admin.register(Assignment)
class WorkAdmin(ReadOnlyAdmin):
    """Who has which task, and the acts of the work list."""

    nothing = ("Nobody has a task", "A task of the work list that somebody takes comes here, for as long as they have it.")
    list_display = ("kind", "subject", "holder", moment_column("taken_at", "Taken"), moment_column("until", "Until"))
    ordering = ("-id",)

    @display(description=gettext_lazy("Who"))
    def holder(self, row: Assignment) -> str:
        """Name the operator."""
        return person_name(row.person)

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the acts."""
        wrap = self.admin_site.admin_view
        acts = {"take": self.take, "give": self.give, "release": self.release, "next": self.take_next}
        ours = [path(f"{name}/", wrap(view), name=f"controls_assignment_{name}") for name, view in acts.items()]
        return [*ours, *super().get_urls()]

    def take(self, request: HttpRequest) -> HttpResponse:
        """Take a task."""
        user, source, subject = self._asked(request)
        told: dict[str, Any] = {"kind": source.kind, "subject": subject, "actor": str(user.pk), "at": clock.wall()}
        return carry_out(request, lambda: services.take_task(**told), done=_("It is yours for four hours."), back=_back(request))

    def release(self, request: HttpRequest) -> HttpResponse:
        """Release a task of one's own."""
        user, source, subject = self._asked(request)
        told: dict[str, Any] = {"kind": source.kind, "subject": subject, "actor": str(user.pk), "at": clock.wall()}
        return carry_out(request, lambda: services.release_task(**told), done=_("It is free for anybody again."), back=_back(request))

    def give(self, request: HttpRequest) -> HttpResponse:
        """Give a task to an operator whose role includes it."""
        user, source, subject = self._asked(request)
        if not user.has_perm(MAY_GIVE):
            raise PermissionDenied
        chosen = {str(one.pk): one for one in operators()}.get(request.POST.get("person", ""))

        def act() -> None:
            if chosen is None or not source.may(chosen):
                raise Invalid("The role of this person does not include this task.")
            services.give_task(kind=source.kind, subject=subject, person=str(chosen.pk), actor=str(user.pk), at=clock.wall())

        return carry_out(request, act, done=_("Given to %(person)s.") % {"person": chosen}, back=_back(request))

    def take_next(self, request: HttpRequest) -> HttpResponse:
        """Take the first task that nobody has and that the operator can go on with, and open it."""
        user = _user(request)
        if request.method != "POST" or not sources_of(user):
            raise PermissionDenied
        with listing():
            waiting = [task for task in list_tasks(user, kind=request.POST.get("kind", ""), who="free") if not task.waits]
        for task in waiting:
            try:
                services.take_task(kind=task.kind, subject=task.key, actor=str(user.pk), at=clock.wall())
            except Taken:
                continue
            return HttpResponseRedirect(task.link)
        messages.info(request, _("Nothing is left that you could take."))
        return HttpResponseRedirect(_back(request))

    def _asked(self, request: HttpRequest) -> tuple[User, Source, str]:
        """Return who asks, the kind and the key of an open task; PermissionDenied where the role does not include it."""
        user = _user(request)
        source, subject = find_source(user, request.POST.get("kind", "")), request.POST.get("subject", "")
        if request.method != "POST" or source is None or len(subject) > 80:
            raise PermissionDenied
        try:
            with listing():
                is_open = bool(source.list(user, Pick(only=[subject]), at=clock.now(), limit=1))
        except (ValueError, ValidationError):
            is_open = False
        if not is_open:
            raise PermissionDenied
        return user, source, subject


def _back(request: HttpRequest) -> str:
    """Return the work list with the filters that it had."""
    kept = {name: request.POST.get(f"at_{name}", "") for name in ("kind", "who")}
    query = "&".join(f"{name}={value}" for name, value in kept.items() if value.isalpha())
    return reverse("admin:index") + (f"?{query}" if query else "")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
