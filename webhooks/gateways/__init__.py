"""Calls to merchants' servers."""
