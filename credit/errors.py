"""What may go wrong when somebody asks for credit."""

from core.errors import Conflict


class LimitExceeded(Conflict):
    """The amount is above what is left of the consumer's limit."""

    code = "credit.limit_exceeded"


class IdentityPending(Conflict):
    """Nobody is decided about while it is still being checked who they are."""

    code = "credit.identity_pending"
