"""A choreography in which nobody hears anything."""

NOBODY: dict = {}
