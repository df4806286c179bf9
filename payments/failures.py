"""Why a gateway says no: what of it says nothing about the card or its owner, only that somebody on the way did not work. Pure."""

OUTAGES = frozenset(
    ["approve_with_id", "issuer_not_available", "lock_timeout", "processing_error", "rate_limit", "reenter_transaction", "try_again_later"]
)
"""Decline codes of the sandbox and of Stripe (docs.stripe.com/declines/codes) of somebody who could not be reached: to be tried again."""
