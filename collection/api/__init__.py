"""The API for agencies: what they have, and what they report."""
