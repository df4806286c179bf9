"""What rules let the accounts of a late person do, on the person's page."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Consumer
from collection.behaving import BEHAVIORS, BehaviorRules, Buckets
from controls.telling import tell_kept
from core.moments import percent_words


def behavior_of(consumer: Consumer) -> dict[str, Any] | None:
    """Return how late a person is, what their accounts may do, and by which rules, in words; None while nothing is late.

    A query for each rule.
    """
    told = consumer.behavior
    if not told:
        return None
    outcomes = BehaviorRules.outcomes
    said = [str(outcomes["buy" if told.get("buys") else "stop"].title)]
    if "factor_bps" in told:
        said.append(_("%(outcome)s: %(value)s") % {"outcome": outcomes["factor"].title, "value": percent_words(told["factor_bps"])})
    if "tone" in told:
        tone = outcomes["tone"]
        said.append(_("%(outcome)s: %(value)s") % {"outcome": tone.title, "value": tone.choices.get(told["tone"], told["tone"])})
    return {
        "bucket": Buckets().get(told["bucket"], told["bucket"]),
        "said": said,
        "reason": str(BehaviorRules.reasons.get(told.get("reason", ""), "")),
        "rules": [tell_kept(one) for one in told["rules"] if one["set"] == BEHAVIORS],
    }
