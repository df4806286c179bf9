"""Paying early, and a payment under way."""
