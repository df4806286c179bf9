"""A decision explained to operators: its points, what was free for the payments, what would have helped, and who overruled it."""

from typing import Any

from django.utils.translation import gettext as _

from controls.queries import proposal_of
from core.acting import is_operator
from core.moments import amount_words
from credit.approved import find_approval_of
from credit.helping import what_helps
from credit.models import Approval, Decision
from credit.reasons import GROUNDS, HELPS, is_by_people
from credit.replaying import asked_again
from credit.rules import SCORECARD_1, Inputs
from operations.orders.deciding import FACTS
from operations.tasklist import operators_by_key

LINES = {
    "credit_record": "bureau_score",
    "late_payments": "delinquencies_24m",
    "high_utilization": "utilization_pct",
    "short_history": "oldest_account_months",
    "many_inquiries": "inquiries_6m",
    "account_mix": "open_accounts",
}
"""The facts of the scorecard's lines; the last line is what somebody paid with us."""


def explained(decision: Decision) -> dict[str, Any]:
    """Return the parts of an explanation: `points`, `free_minor`, `living_minor`, `helps` and `approval`; at most three queries."""
    if not decision.inputs:
        return {}
    inputs = Inputs.from_json(decision.inputs)
    return {"points": _points(inputs), **_affordable(inputs), "helps": _helps(decision), "approval": _approval(decision)}


def _points(inputs: Inputs) -> list[dict[str, Any]]:
    bureau = inputs.bureau
    if bureau is None:
        return []
    return [{"label": _label(line.reason), "points": line.points(bureau, inputs.history), "most": line.most} for line in SCORECARD_1]


def _label(reason: str) -> str:
    return str(FACTS[LINES[reason]]) if reason in LINES else _("Payments with us")


def _affordable(inputs: Inputs) -> dict[str, int]:
    """Return the costs of living that the law counts, and what was free for the payments of a month, in minor units."""
    afford, free = inputs.afford, inputs.free_minor
    if afford is None or free is None:
        return {}
    return {"free_minor": free, "living_minor": afford.law.living_of(afford.declared.dependants if afford.declared else 0)}


def _helps(decision: Decision) -> list[str]:
    """Return what would have changed a refusal, in words; empty if nothing would that the person can change."""
    if decision.outcome != "decline" or is_by_people(decision.reasons):
        return []
    found = what_helps(*asked_again(decision))
    amount = {"amount": amount_words(found.amount_minor, decision.currency)}
    smaller = [_("A purchase of up to %(amount)s") % amount] if found.amount_minor else []
    return [*smaller, *[str(HELPS[code]) for code in found.codes]]


def _approval(decision: Decision) -> dict[str, Any] | None:
    """Return what people approved in spite of a refusal, for the refusal and for the decision that followed."""
    found = find_approval_of(decision)
    if found is None:
        return None
    return {
        "amount": amount_words(found.amount_minor, found.currency),
        "left": amount_words(found.left_minor, found.currency) if found.left_minor is not None else "",
        "why": str(GROUNDS[found.why]),
        "note": found.note,
        "until": found.until,
        "at": found.at,
        "by": " · ".join(_people(found)),
    }


def _people(found: Approval) -> list[str]:
    names = operators_by_key()
    if is_operator(found.actor):
        return [names.get(found.actor, found.actor)]
    made = proposal_of(found.actor)
    return [names.get(key, key) for key in (made.proposed_by, made.decided_by)]
