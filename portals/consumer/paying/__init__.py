"""Paying early, and the page of a pending payment."""
