"""Signing in to the merchant portal."""
