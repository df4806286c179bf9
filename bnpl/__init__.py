"""The composition root: settings, URLs, subscriptions, timers and commands."""
