"""Webhooks: endpoints, events, and every delivery."""
