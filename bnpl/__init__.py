"""The composition root: settings, addresses, choreography and commands."""
