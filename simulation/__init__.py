"""Simulated lives of consumers, lived with the real services and the sandbox gateway."""
