"""How long checkouts are kept that came to nothing."""

from checkout.models import Checkout, Journey
from checkout.states import CHECKOUT_ABANDONED
from core.retention import Retention
from core.states import words

RETENTIONS = [
    Retention(
        Checkout,
        "expires_at",
        "BNPL_KEEP_CHECKOUTS_DAYS",
        30,
        "A shop may ask for a month what became of a basket. One in which somebody was decided on stays with the decision.",
        done=f"r.status IN ({words(CHECKOUT_ABANDONED)}) AND r.decision_id IS NULL",
        function="forget_checkouts",
    ),
    Retention(
        Journey,
        "began_at",
        "BNPL_KEEP_JOURNEYS_DAYS",
        7,
        "Where people stopped is looked at by single checkouts; the figures of a day stay.",
    ),
]
