"""What the database keeps of movements, whoever writes."""

from core.evidence import settled
from core.states import words
from payments.states import MOVEMENT_MADE, MOVEMENT_OPEN

ASKED = ("gateway", "reference", "amount_minor", "currency", "created_at")
"""What a movement asks for: it never changes, whatever comes of it."""
ANSWERED = [
    settled(
        "answer_stays",
        f"OLD.status = NEW.status AND OLD.status NOT IN ({words(MOVEMENT_OPEN)})",
        fixed=["gateway_ref", "failure", "settled_at", "tries"],
    ),
    settled("number_stays", f"OLD.status IN ({words(MOVEMENT_MADE)})", fixed=["gateway_ref"]),
]
"""What came of a movement changes with its status only, and the gateway's number of what it did never."""
