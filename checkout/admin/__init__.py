"""The operators' doors to orders, and to what consumers ask of a person about them and about themselves."""

from checkout.admin.orders import CheckoutAdmin, OrderAdmin, OrderReviewAdmin
from checkout.admin.requests import RequestAdmin

__all__ = ["CheckoutAdmin", "OrderAdmin", "OrderReviewAdmin", "RequestAdmin"]
