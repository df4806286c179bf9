"""The door of the consumer portal."""
