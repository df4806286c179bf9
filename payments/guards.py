"""Columns of movements that the database protects from changes, whoever makes them."""

from collections.abc import Iterable
from enum import StrEnum

import pgtrigger

from core.evidence import settled
from core.states import words
from payments.states import MOVEMENT_MADE, MOVEMENT_OPEN

ASKED = ("gateway", "reference", "amount_minor", "currency", "created_at")
"""Columns that say what a movement asks for; they never change."""


def answered(unended: Iterable[StrEnum]) -> list[pgtrigger.Trigger]:
    """Return the triggers that protect the answer to a movement, once its status is not in `unended`.

    The answer changes only together with the status; the gateway's reference of a movement that was made never changes.
    """
    return [
        settled(
            "answer_stays",
            f"OLD.status = NEW.status AND OLD.status NOT IN ({words(unended)})",
            fixed=["gateway_ref", "failure", "settled_at", "tries"],
        ),
        settled("number_stays", f"OLD.status IN ({words(MOVEMENT_MADE)})", fixed=["gateway_ref"]),
    ]


ANSWERED = answered(MOVEMENT_OPEN)
