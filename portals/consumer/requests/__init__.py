"""Help, and requests to a person at the lender."""
