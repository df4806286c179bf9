"""Errors of credit decisions and limits."""

from core.errors import Conflict


class LimitExceeded(Conflict):
    """The amount is above what is left of the consumer's limit."""

    code = "credit.limit_exceeded"


class IdentityPending(Conflict):
    """No credit decision is made while the person's identity check is still open."""

    code = "credit.identity_pending"


class DeclaredTooOften(Conflict):
    """The person has declared their income and costs as often as they may within a day."""

    code = "credit.declared_too_often"


class FiguresNeeded(Conflict):
    """The market's law asks for the person's income and costs at this amount, and no recent declaration is known."""

    code = "credit.figures_needed"
