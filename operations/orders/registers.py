"""What registers of payment remarks told for a decision, in words for operators."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.moments import day_words
from credit.rules.registers import Registered
from operations.orders.outcomes import outcome_text

_DOES = {
    "refuse": gettext_lazy("Refused the purchase"),
    "refer": gettext_lazy("Had a person look at it"),
    "reduce": gettext_lazy("Lowered the limit"),
}


def registers_shown(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the registers of a decision: name, law, what came of asking, remarks with the newest day, and what that did."""
    return [_shown(Registered.from_json(one)) for one in inputs.get("registers", ())]


def _shown(one: Registered) -> dict[str, Any]:
    told = [outcome_text(one.outcome)]
    if one.is_answered:
        told.append(ngettext("%(n)s remark", "%(n)s remarks", one.remarks) % {"n": one.remarks} if one.remarks else _("No remark"))
    if one.age_days:
        told.append(ngettext("%(n)s day old", "%(n)s days old", one.age_days) % {"n": one.age_days})
    if one.newest_on:
        told.append(_("newest of %(day)s") % {"day": day_words(date.fromisoformat(one.newest_on))})
    return {
        "name": one.name,
        "law": one.law,
        "told": " · ".join(told),
        "owed_minor": one.owed_minor if one.remarks else None,
        "does": str(_DOES.get(one.does, "")),
    }
