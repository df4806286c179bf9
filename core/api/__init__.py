"""What every door for machines shares: problems, bodies, pages, idempotency, and the description of the API."""
