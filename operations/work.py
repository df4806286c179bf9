"""Actions of the work list: take a task, take the next one, give a task to somebody, release it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.queries import operators
from controls import services
from controls.models import Assignment
from controls.queries import find_assignment
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, display, looking, moment_column
from core.errors import DomainError, Invalid
from core.once import act_once
from core.unreadable import listing
from operations.frame import operator
from operations.sources import SOURCES, Task, find_source, sources_of
from operations.tasklist import MAY_GIVE, list_tasks, open_task


@admin.register(Assignment)
class WorkAdmin(ReadOnlyAdmin):
    """Assignments of tasks, and the actions of the work list."""

    nothing = (
        gettext_lazy("Nobody has a task"),
        gettext_lazy("A task of the work list that somebody takes comes here, for as long as they have it."),
    )
    list_display = (
        "what",
        "holder",
        moment_column("taken_at", gettext_lazy("Since")),
        moment_column("until", gettext_lazy("Until")),
    )
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        """Read the operators' names in the same query."""
        people = User.objects.annotate(key=Cast("pk", CharField())).filter(key=OuterRef("person"))
        return super().get_queryset(request).annotate(holder_name=Subquery(people.values("name")[:1]))  # type: ignore[no-any-return]

    @display(description=gettext_lazy("Task"))
    def what(self, row: Assignment) -> str:
        """Name the kind of task."""
        return next((str(one.title) for one in SOURCES if one.kind == row.kind), row.kind)

    @display(description=gettext_lazy("Who"))
    def holder(self, row: Assignment) -> str:
        """Name the operator."""
        return getattr(row, "holder_name", "") or row.person

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the task's page if it is open and for the operator's role; else show who had it."""
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        source = find_source(operator(request), row.kind) if isinstance(row, Assignment) else None
        task = open_task(source, operator(request), row.subject) if source and isinstance(row, Assignment) else None
        if task:
            return HttpResponseRedirect(task.link)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the actions."""
        wrap = self.admin_site.admin_view
        acts = {"take": self.take, "give": self.give, "release": self.release, "next": self.take_next}
        ours = [path(f"{name}/", wrap(view), name=f"controls_assignment_{name}") for name, view in acts.items()]
        return [*ours, *super().get_urls()]

    def take(self, request: HttpRequest) -> HttpResponse:
        """Take a task."""
        return self._act(request, _("It is yours for four hours."), lambda _task, told: services.take_task(**told))

    def release(self, request: HttpRequest) -> HttpResponse:
        """Release one's own task."""
        return self._act(request, _("It is free for anybody again."), lambda _task, told: services.release_task(**told))

    def give(self, request: HttpRequest) -> HttpResponse:
        """Give a task to an operator whose role includes it. Allowed for its assignee, and for operators who may assign others' tasks."""
        gives = operator(request).has_perm(MAY_GIVE)
        chosen = {str(one.pk): one for one in operators()}.get(request.POST.get("person", ""))

        def act(task: Task, told: dict[str, Any]) -> None:
            has = find_assignment(task.kind, task.key, clock.wall())
            if not gives and (has is None or has.person != told["actor"]):
                raise PermissionDenied
            source = find_source(chosen, task.kind) if chosen else None
            if chosen is None or source is None:
                raise Invalid("The role of this person does not include this task.")
            service = services.give_task if gives else services.hand_task
            service(**told, person=str(chosen.pk))

        return self._act(request, _("Given to %(person)s.") % {"person": chosen}, act)

    def _act(self, request: HttpRequest, done: str, act: Callable[[Task, dict[str, Any]], object]) -> HttpResponse:
        """Carry out an action on an open task, or say that the task is closed; PermissionDenied if the operator's role excludes it.

        The work list has one form for all its tasks: the pressed button names kind and key as `task`.
        """
        user, sent = operator(request), request.POST
        kind, _space, subject = sent["task"].partition(" ") if "task" in sent else (sent.get("kind", ""), "", sent.get("subject", ""))
        source = find_source(user, kind)
        if request.method != "POST" or source is None or len(subject) > 80:
            raise PermissionDenied
        task = open_task(source, user, subject)
        if task is None:
            messages.info(request, _("This task is done, or waits no longer."))
            return HttpResponseRedirect(_back(request))
        told = {"kind": task.kind, "subject": task.key, "actor": str(user.pk), "at": clock.wall()}
        return carry_out(request, lambda: act(task, told), done=done, back=_back(request, task))

    def take_next(self, request: HttpRequest) -> HttpResponse:
        """Take the first unassigned task that the operator can work on, and open it; one task per press of the button."""
        user = operator(request)
        if request.method != "POST" or not sources_of(user):
            raise PermissionDenied
        kind = request.POST.get("kind", "")
        try:
            link, _again = act_once(request, scope=str(user.pk), door="desk", at=clock.now(), work=lambda: _take_first(user, kind))
        except DomainError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(_back(request))
        if link:
            return HttpResponseRedirect(link)
        messages.info(request, _("Nothing is left that you could take."))
        return HttpResponseRedirect(_back(request))


def _take_first(user: User, kind: str) -> str:
    """Take the first unassigned task, and return its URL; empty if none is left. Two operators never get the same one."""
    while True:
        with listing():
            waiting = {(task.kind, task.key): task.link for task in list_tasks(user, kind=kind, who="free") if not task.waits}
        taken = services.take_first(tasks=list(waiting), actor=str(user.pk), at=clock.wall())
        if taken or not waiting:
            return waiting[taken] if taken else ""


def _back(request: HttpRequest, task: Task | None = None) -> str:
    """Return the page on which the action was taken: the task's own, or the work list with its filters."""
    if task and request.POST.get("at_task"):
        return task.link
    kept = {name: request.POST.get(f"at_{name}", "") for name in ("kind", "who", "page")}
    query = "&".join(f"{name}={value}" for name, value in kept.items() if value.isascii() and value.isalnum())
    return reverse("admin:index") + (f"?{query}" if query else "")
