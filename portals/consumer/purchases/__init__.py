"""Purchases: the list, one purchase, its history and its refunds."""
