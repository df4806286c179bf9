"""Simulated consumers, who use the real services and the sandbox gateway."""
