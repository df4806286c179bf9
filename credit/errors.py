"""Errors of credit decisions and limits."""

from core.errors import Conflict


class LimitExceeded(Conflict):
    """The amount is above what is left of the consumer's limit."""

    code = "credit.limit_exceeded"


class IdentityPending(Conflict):
    """No credit decision is made while the person's identity check is still open."""

    code = "credit.identity_pending"
