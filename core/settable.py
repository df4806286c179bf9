"""Settings of the shared kernel that operators may change: the API's rate limit, and how long its traffic rows are kept."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.adjusting import Setting, Unit, keep_days

API_CALLS = Setting(
    "core.api_calls_a_minute",
    _("API calls of one key"),
    _("A shop's key that calls more often is asked to wait for the next minute. 0 switches the limit off."),
    Unit(_("calls a minute"), lambda number: ngettext("%(number)s call a minute", "%(number)s calls a minute", number)),
    60_000,
    0,
    1_000_000,
    _("A limit guards the others from one shop's mistake."),
    variable="BNPL_API_CALLS_PER_MINUTE",
    given=lambda: int(settings.API_CALLS_PER_MINUTE),
)
_ASKED = _("Who looks into what went wrong finds what was told to whom for at least a month.")

SETTINGS = [
    API_CALLS,
    keep_days("core", "events", floor=30, default=90, title=_("Events inside the platform are kept"), why=_ASKED),
    keep_days(
        "core",
        "answers",
        floor=30,
        default=30,
        title=_("Answers under an idempotency key are kept"),
        why=_("A key is promised the same answer for 30 days."),
    ),
    keep_days(
        "core",
        "calls",
        floor=2,
        default=90,
        title=_("Counts of providers' calls are kept"),
        why=_("The list of providers tells how a day went."),
    ),
    keep_days("core", "sizes", floor=30, default=400, title=_("Sizes of tables are kept"), why=_("The page of sizes tells growth.")),
    keep_days("core", "sessions", floor=0, default=1, title=_("Ended browser sessions are kept"), why=_("They sign nobody in any more.")),
]
