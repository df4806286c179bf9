"""How long checkouts are kept that came to nothing."""

from checkout.models import Checkout
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
]
