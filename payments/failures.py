"""Decline codes of gateways that say nothing about the card or its owner: a system between us and the bank was down. Pure."""

NOT_COVERED = "insufficient_funds"
"""The failure of a payment for which the account or the card had too little."""
NEVER_MADE = "never_made"
"""The failure of a movement without an answer that, as two people found, did not happen; a charge is tried again soon."""
GATEWAY_GONE = "gateway_gone"
"""The same at a gateway that is no longer used: its payment method cannot be charged again."""
BALANCE_TOO_LOW = "balance_too_low"
"""The failure of a debit that was never asked for, since the person's bank showed too little for it; not for lack of a bank's answer."""
BY_HAND = frozenset([NEVER_MADE, GATEWAY_GONE])
"""Failures that two people found, and no bank reported."""
_OF_BANKS = (
    *("approve_with_id", "issuer_not_available", "lock_timeout", "processing_error", "rate_limit", "reenter_transaction"),
    "try_again_later",
)
OUTAGES = frozenset([*_OF_BANKS, NEVER_MADE])
"""Codes of the sandbox, of Stripe (docs.stripe.com/declines/codes) and our own that mean: a system was not reached, so try again."""
