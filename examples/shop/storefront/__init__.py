"""A merchant's own program: knows the platform's REST API, its webhooks and its widget, and nothing else of it."""
