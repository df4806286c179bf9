"""The settings of a market about reminders of who is late."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.sentences import Sentence, Text
from markets.parts import Part, Spec

OF_BRAND, BRANDED = "@", "reminder.steps"
"""What stands between the key of a setting and the code of the one brand for which it is, and how the keys begin that may have it."""
_TONES = {"friendly": _("Friendly"), "firm": _("Firm"), "last": _("Last one")}
_WAYS = {"email": _("E-mail, else SMS"), "sms": _("SMS, else e-mail"), "inbox": _("In the inbox alone")}
_STEP_TITLES = {
    "first": (_("First reminder from days late"), _("Its tone")),
    "second": (_("Second reminder from days late"), _("Its tone")),
    "third": (_("Third reminder from days late"), _("Its tone")),
    "fourth": (_("Fourth reminder from days late"), _("Its tone")),
}
STEP_PARTS = tuple(_STEP_TITLES)
"""The names of the steps of reminding, in their order."""


def _steps(title: Text) -> Spec:
    """Return the setting of up to four reminders after a due date (`collection.reminding`)."""
    parts: dict[str, Part] = {}
    for name, (days, tone) in _STEP_TITLES.items():
        optional = name != "first"
        parts[f"{name}_days"] = Part(days, "days", 1, optional=optional, most=365)
        parts[f"{name}_tone"] = Part(tone, "choice", choices=_TONES, optional=optional)
        parts[f"{name}_by"] = Part(_("How it is sent"), "choice", choices=_WAYS, optional=True)
    parts["apart_days"] = Part(_("Days between two at least"), "days", 1, most=90)
    return Spec(title, parts)


STEPS: dict[str, Spec] = {
    "reminder.steps": _steps(_("Reminders of who is late")),
    "reminder.steps.high": _steps(_("Reminders of who is late, of the risk class High")),
    "reminder.steps.loyal": _steps(_("Reminders of who is late, of the loyalty Loyal")),
    "reminder.steps.self": _steps(_("Reminders of who is late, by the model: pays by themselves")),
    "reminder.steps.light": _steps(_("Reminders of who is late, by the model: light hand")),
    "reminder.steps.firm": _steps(_("Reminders of who is late, by the model: firm hand")),
    "reminder.steps.call": _steps(_("Reminders of who is late, by the model: needs a call")),
}


def step_faults(value: Mapping[str, Any]) -> dict[str, str]:
    """Return the faults of reminders: each step has days and a tone, and comes later than the one before."""
    faults: dict[str, str] = {}
    last, gap = 0, False
    for name in STEP_PARTS:
        days, tone = value.get(f"{name}_days"), value.get(f"{name}_tone")
        if (days is None) != (tone is None) or (days is None and f"{name}_by" in value) or (days is not None and (gap or days <= last)):
            faults[f"{name}_days"] = Sentence("must come later than the step before, and have a tone")
        gap, last = days is None, days or last
    return faults
