"""What is bought, held, captured and refunded, and the plans that people were shown."""

from checkout.models.journeys import Journey
from checkout.models.postponing import Postponement
from checkout.models.sales import Capture, Checkout, Order, OrderChange, OrderReview, Refund
from checkout.models.shop_interest import ShopInterest
from checkout.models.shown import ShownOffer

__all__ = ["Capture", "Checkout", "Journey", "Order", "OrderChange", "OrderReview", "Postponement", "Refund", "ShopInterest", "ShownOffer"]
