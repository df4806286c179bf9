"""Settlements: what a shop is paid, line by line."""
