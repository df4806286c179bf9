"""Decline codes of gateways that say nothing about the card or its owner: a system between us and the bank was down. Pure."""

OUTAGES = frozenset(
    ["approve_with_id", "issuer_not_available", "lock_timeout", "processing_error", "rate_limit", "reenter_transaction", "try_again_later"]
)
"""Codes of the sandbox and of Stripe (docs.stripe.com/declines/codes) for an issuer or network that was not reached: try again."""
