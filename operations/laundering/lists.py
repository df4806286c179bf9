"""Versions of the lists of sanctions that the product reads itself: what changed with each, and the matches that came of it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import PublishedList
from accounts.screening.lists.models import SOURCES
from accounts.screening.lists.queries import list_changes, list_raised, name_of
from core.admin import find_row, moment_column, word_column
from core.clock import wall
from core.longlists import one_of
from core.sentences import Text
from core.unreadable import Unreadable
from fraud.laundering.services import note_look
from operations.frame import operator, show
from operations.laundering.desk import DeskPages
from operations.wording import status_of

SHOWN = 100
CHANGES: dict[str, tuple[Text, str]] = {
    "added": (gettext_lazy("added"), "desk-waiting"),
    "changed": (gettext_lazy("changed"), "desk-prepared"),
    "removed": (gettext_lazy("removed"), ""),
}
"""What may happen to an entry, in words, and how its pill looks."""


class VersionPages(DeskPages):
    """Versions of lists of sanctions."""

    nothing = (gettext_lazy("No lists"), gettext_lazy("No published list was loaded so far."))
    list_display = (
        moment_column("loaded_at", gettext_lazy("Loaded")),
        word_column("source", gettext_lazy("List"), lambda source: str(dict(SOURCES).get(source, source))),
        "published_on",
        word_column("entries", pgettext_lazy("of a list of sanctions", "Entries"), str),
        word_column("added", pgettext_lazy("of a list of sanctions", "Added"), str),
        "changed",
        "removed",
    )
    list_filter = (one_of("source", dict(SOURCES)),)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what changed with a version and what it raised, and log the view."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = find_row(PublishedList.objects.all(), object_id)
        note_look(user=operator(request), alert_id=None, at=wall())
        return show(request, "laundering/version.html", _("Version of a list"), **facts_of(version))


def facts_of(version: PublishedList) -> dict[str, Any]:
    """Return the content of a version's page; five queries."""
    changes, raised = list_changes(version, SHOWN), list_raised(version, SHOWN)
    return {
        "version": version,
        "source": dict(SOURCES)[version.source],
        "changes": [
            {
                "what": CHANGES[one.what][0],
                "mark": CHANGES[one.what][1],
                "name": name_of(one.row),
                "entry": one.row.entry,
                "born": ", ".join(one.row.told["birth_dates"]),
                "note": one.row.told["note"],
            }
            for one in changes
        ],
        "more": version.added + version.changed + version.removed - len(changes),
        "raised": [
            {
                "id": one.pk,
                "name": one.consumer.public_id if not one.consumer.name or isinstance(one.consumer.name, Unreadable) else one.consumer.name,
                "at": one.raised_at,
                "status": status_of(one.status),
            }
            for one in raised
        ],
    }
