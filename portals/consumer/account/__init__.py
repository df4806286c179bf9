"""The person's own data and their inbox."""
