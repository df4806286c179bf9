"""Decline codes of gateways that say nothing about the card or its owner: a system between us and the bank was down. Pure."""

NEVER_MADE = "never_made"
"""The failure of a movement without an answer that two people found not to have happened; a charge is tried again soon."""
GATEWAY_GONE = "gateway_gone"
"""The same at a gateway that is not used any more: its payment method cannot be charged again."""
BY_HAND = frozenset([NEVER_MADE, GATEWAY_GONE])
"""Failures that two people found, and that no bank has said."""
_OF_BANKS = (
    *("approve_with_id", "issuer_not_available", "lock_timeout", "processing_error", "rate_limit", "reenter_transaction"),
    "try_again_later",
)
OUTAGES = frozenset([*_OF_BANKS, NEVER_MADE])
"""Codes of the sandbox and of Stripe (docs.stripe.com/declines/codes) for what was not reached, and ours: try again."""
