"""The first step: who is buying."""
