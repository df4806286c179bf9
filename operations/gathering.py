"""Breaks of movements that a gateway has not answered, grouped by gateway and day; the first of a day represents its group."""

from datetime import UTC, date
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate
from django.urls import reverse

from payments.models import Break
from payments.states import BreakStatus

UNANSWERED = "unanswered"
Group = tuple[str, date]


def open_breaks() -> QuerySet[Break]:
    """Return the open breaks."""
    return Break.objects.filter(status=BreakStatus.OPEN)


def gathered_breaks() -> QuerySet[Break]:
    """Return the open breaks; of those without an answer, only the first of each gateway and day (UTC)."""
    place = Window(RowNumber(), partition_by=[F("gateway"), TruncDate("opened_at", tzinfo=UTC)], order_by="id")
    firsts = open_breaks().filter(kind=UNANSWERED).annotate(place=place).filter(place=1).values("id")
    return open_breaks().filter(~Q(kind=UNANSWERED) | Q(id__in=firsts))


def count_beside() -> dict[Group, int]:
    """Return how many movements wait for an answer, by gateway and day; one query."""
    waiting = open_breaks().filter(kind=UNANSWERED).annotate(day=TruncDate("opened_at", tzinfo=UTC))
    found = waiting.values("gateway", "day").annotate(together=Count("id")).order_by()
    return {(row["gateway"], row["day"]): row["together"] for row in found}


def group_of(row: Break) -> Group:
    """Return the gateway of a break, and the day on which it was opened."""
    return row.gateway, row.opened_at.astimezone(UTC).date()


def list_of_group(row: Break) -> str:
    """Return the URL of the list of all breaks in a break's group."""
    gateway, day = group_of(row)
    wanted = {"kind__exact": UNANSWERED, "status__exact": BreakStatus.OPEN, "gateway": gateway, "opened_at__date": day.isoformat()}
    return f"{reverse('admin:payments_break_changelist')}?{urlencode(wanted)}"
