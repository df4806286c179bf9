"""The team of a shop."""
