"""What a merchant's engineer reads: the reference of the API, and its schema."""
