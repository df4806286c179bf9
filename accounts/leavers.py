"""Who may have left: users who have not signed in for long, for whoever looks after users."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from accounts.models import User
from core.clock import wall
from core.sentences import Text

LONG = timedelta(days=90)


class AwayFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
    """Users who may sign in, and have not for 90 days, or never since they were added so long ago. Sign-ins are kept in real time."""

    title, parameter_name = _("Signing in"), "away"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, Text]]:
        """Return the one choice."""
        return [("90", _("Not for 90 days"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return the chosen users."""
        if self.value() != "90":
            return queryset
        since = wall() - LONG
        return queryset.filter(Q(last_login__lt=since) | Q(last_login=None, created_at__lt=since), is_active=True)
