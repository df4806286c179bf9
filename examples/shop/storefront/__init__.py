"""A merchant's own program. It uses only the platform's REST API, webhooks and widget."""
