"""What all endpoints of the API share: problems, bodies, pages, idempotency, and the description of the API."""
