"""Refunds: the list, and refunding an order."""
