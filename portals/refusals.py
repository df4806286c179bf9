"""What would have changed a refusal, on every page that shows its reasons."""

from typing import Any

from credit.cases import TOLD
from credit.helping import what_helps
from credit.models import Decision
from credit.reasons import HELPS, is_by_people
from credit.replaying import asked_again

_FILE = {*TOLD.values(), "serious_delinquency"}
"""The reasons that stand in the credit file, in the income, and in how the person paid."""


def helps_of(decision: Decision) -> dict[str, Any]:
    """Return what would have changed a refusal, for `_what_helps.html`: an amount in minor units or sentences.

    `nothing` if nothing would that a person can change soon, where the file and payments alone refused; else empty.
    """
    if is_by_people(decision.reasons) or not decision.inputs:
        return {}
    found = what_helps(*asked_again(decision))
    if not found:
        return {"nothing": True} if _FILE.issuperset(decision.reasons) else {}
    return {
        "amount": found.amount_minor,
        "currency": decision.currency,
        "facts": [str(HELPS[code]) for code in found.codes],
        "together": found.together,
    }
