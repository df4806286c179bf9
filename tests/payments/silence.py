"""Subscriptions in which no event has a handler."""

NOBODY: dict = {}
