"""Admin pages of the close of day: the days of each time zone, what each step did, and what is stuck."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from collection.closing import SLOW, STEPS, Step, next_step
from collection.models import ClosedDay
from core import clock
from core.admin import ReadOnlyAdmin, date_column, display, find_row, looking, moment_cell, text_column
from core.moments import day_words

TONES = {"closed": "success", "under_way": "info", "stuck": "danger"}
MARKS = {"closed": "desk-approved", "under_way": "desk-prepared", "stuck": "desk-rejected"}


@dataclass(frozen=True, slots=True)
class Line:
    """A step on the page of a day: its title, how many plans it changed, and whether it is done or under way."""

    title: str
    count: int
    is_done: bool
    is_here: bool


def state_of(closing: ClosedDay, at: datetime) -> str:
    """Return `closed`, `under_way` or `stuck`."""
    if closing.closed_at is not None:
        return "closed"
    return "stuck" if closing.fault or closing.opened_at < at - SLOW else "under_way"


def state_words(state: str) -> str:
    """Return the word for a state."""
    return {"closed": gettext("Closed"), "under_way": gettext("Under way"), "stuck": gettext("Stuck")}[state]


def lines_of(closing: ClosedDay) -> list[Line]:
    """Return all steps of a day in their order; steps that are not declared any more are named as they were."""
    here = None if closing.closed_at else next_step(closing)
    known = {step.name for step in STEPS}
    gone = [Step(name, name.capitalize(), "") for name in closing.done if name not in known]
    shown = [step for step in [*STEPS, *gone] if step.name in closing.done or closing.closed_at is None]
    return [_line(closing, step, is_here=step == here) for step in shown]


def _line(closing: ClosedDay, step: Step, *, is_here: bool) -> Line:
    under_way = closing.count if closing.step == step.name else 0
    return Line(str(step.title), closing.done.get(step.name, under_way), step.name in closing.done, is_here)


@admin.register(ClosedDay)
class ClosedDayAdmin(ReadOnlyAdmin):
    """Days that were closed, with what was done; those that are stuck."""

    nothing = (_("No day was closed yet"), _("Each day of each time zone in which people have plans comes here after it has ended."))
    list_display = (date_column("day", _("Day")), text_column("zone", _("Time zone")), "state", "closed", "did")
    search_fields = ("zone__startswith",)
    search_help_text = _("How a time zone begins: Europe/")
    lookups = ("closed_at__isnull",)
    ordering = ("-id",)

    @display(description=_("State"), label=TONES)
    def state(self, row: ClosedDay) -> tuple[str, str]:
        """Show whether the day is closed, under way or stuck."""
        state = state_of(row, clock.now())
        return state, state_words(state)

    @display(description=_("Closed on"))
    def closed(self, row: ClosedDay) -> str:
        """Show when the day was closed."""
        return moment_cell(row.closed_at) if row.closed_at else "–"

    @display(description=_("What it did"))
    def did(self, row: ClosedDay) -> str:
        """Show each step that changed something, with its number of plans."""
        return ", ".join(f"{line.title}: {line.count}" for line in lines_of(row) if line.count) or gettext("Nothing had to change")

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a day: its steps, what each did, and what stopped it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = find_row(ClosedDay.objects.all(), object_id)
        state = state_of(row, clock.now())
        title = gettext("Close of %(day)s, %(zone)s") % {"day": day_words(row.day), "zone": row.zone}
        shown = {
            "title": title,
            "content_title": title,
            "model_admin": self,
            "closing": row,
            "lines": lines_of(row),
            "state": state_words(state),
            "mark": MARKS[state],
        }
        return TemplateResponse(request, "admin/closing/day.html", self.admin_site.each_context(request) | shown)
