"""Webhooks: events sent to merchants' servers."""
