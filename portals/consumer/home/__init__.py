"""Home: what is due next, and what can be spent."""
