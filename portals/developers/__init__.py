"""Pages for a merchant's engineers: the reference of the API, and its schema."""
