"""Columns of movements that the database protects from changes, whoever writes."""

from core.evidence import settled
from core.states import words
from payments.states import MOVEMENT_MADE, MOVEMENT_OPEN

ASKED = ("gateway", "reference", "amount_minor", "currency", "created_at")
"""Columns that say what a movement asks for; they never change."""
ANSWERED = [
    settled(
        "answer_stays",
        f"OLD.status = NEW.status AND OLD.status NOT IN ({words(MOVEMENT_OPEN)})",
        fixed=["gateway_ref", "failure", "settled_at", "tries"],
    ),
    settled("number_stays", f"OLD.status IN ({words(MOVEMENT_MADE)})", fixed=["gateway_ref"]),
]
"""The answer to a movement changes only together with its status; the gateway's reference of a movement that was made never changes."""
