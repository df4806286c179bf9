"""Doors for shops' servers: checkouts, quotes, orders."""
