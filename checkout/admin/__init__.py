"""The back office's pages of orders and of consumers' requests."""

from checkout.admin.orders import CheckoutAdmin, OrderAdmin, OrderReviewAdmin
from checkout.admin.requests import RequestAdmin

__all__ = ["CheckoutAdmin", "OrderAdmin", "OrderReviewAdmin", "RequestAdmin"]
