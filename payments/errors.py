"""Errors of payments."""

from core.errors import Conflict, DomainError, Unavailable


class CardRefused(DomainError):
    """The gateway refused the card; nothing was charged."""

    status = 402
    code = "payments.card_refused"
    title = "The card was refused"

    def __init__(self, detail: str, *, failure: str) -> None:
        super().__init__(detail, fields={"card": detail})
        self.failure = failure


class GatewayUnavailable(Unavailable):
    """The gateway does not answer; nothing was changed."""

    code = "payments.gateway_unavailable"


class CustomerGone(GatewayUnavailable):
    """The gateway no longer knows its customer: somebody deleted it there."""

    code = "payments.customer_gone"


class MethodNotUsable(Conflict):
    """The payment method was removed or refused, or belongs to another gateway."""

    code = "payments.method_not_usable"


class RefundTooLarge(Conflict):
    """The refunds would exceed the charge."""

    code = "payments.refund_too_large"
