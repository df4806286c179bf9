"""Messages to machines."""
