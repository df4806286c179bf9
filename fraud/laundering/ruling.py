"""The kind of rules about money laundering: its facts; the only outcome is an alert at the desk."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from controls.rule_kinds import RuleKind, Sweep, name_shown
from controls.rules.sets import Outcome
from fraud.laundering.facts import FACTS
from fraud.laundering.shipped import SHIPPED
from fraud.states import ALERT_OUTCOME

LAUNDERING = "laundering"
REASONS: dict[str, Any] = {
    "structuring": _("Structuring: many orders of alike amounts"),
    "elsewhere": _("Refunded to another card or account"),
    "cycles": _("Bought and refunded at one shop"),
    "change": _("Sudden change of behavior"),
    "other": _("Another reason"),
}
LISTED, LISTED_NAME = "listed", "On a list"
"""The id and the name in English of what raises an alert in place of a rule: officers confirmed a match with a list."""
LISTS: dict[str, Any] = {"sanctions": _("Sanctions list"), "pep": _("Politically exposed person")}
"""The reasons of such alerts."""


def rule_shown(name: str) -> str:
    """Return the translated name of what raised an alert."""
    return gettext("On a list") if name == LISTED_NAME else name_shown(name)


class LaunderingRules(RuleKind):
    """The rules that raise alerts about a person at the money laundering desk; each case is a person, who never learns of it."""

    name, title = LAUNDERING, _("Money laundering")
    about = _("People are asked about when they buy, pay or are refunded. Where a rule holds, the money laundering desk gets an alert.")
    facts = FACTS
    outcomes: ClassVar = {ALERT_OUTCOME: Outcome(_("Tell the money laundering desk"), grave=1)}
    reasons: ClassVar = REASONS
    may_see_cases = "fraud.handle_laundering"
    shipped: ClassVar[Mapping[str, Any]] = SHIPPED
    sweep = Sweep(
        every=_("This version would have raised an alert about every person of these months."),
        many=_("This version would have raised an alert about %(share)s of all people."),
        none=_("This version would have raised no alert in these months."),
    )

    def link(self, subject: str) -> str:
        """Return an empty URL: a person's page would log the look where others can read it."""
        return ""
