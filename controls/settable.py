"""Settings of the work list and of rules that operators may change."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import HOURS, Setting, keep_days

TASK_HOURS = Setting(
    "controls.task_hours",
    _("A task of the work list"),
    _("So long a task stays with the person who took it; then it is free for others again."),
    HOURS,
    4,
    1,
    72,
    _("A task that somebody took and forgot must come back."),
)

SETTINGS = [
    TASK_HOURS,
    keep_days(
        "controls",
        "tasks",
        floor=2,
        default=90,
        title=_("Who had which task is kept"),
        why=_("Who asks who had a task yesterday is answered."),
    ),
    keep_days(
        "controls",
        "cases",
        floor=366,
        default=400,
        title=_("The cases that rules were asked about are kept"),
        why=_("Rules are tried on the cases of 12 months, and each outcome is explained."),
    ),
    keep_days(
        "controls",
        "evidence",
        floor=366,
        default=1827,
        title=_("Files that show that a proposal is right are kept"),
        why=_("Who decided on a change can show for a year why."),
    ),
]
