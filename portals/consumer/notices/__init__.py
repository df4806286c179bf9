"""Notices of refusals and lower limits, as they were sent."""
