"""Doors for merchants' machines: events, endpoints, deliveries."""
