"""The hosted checkout: the pages from a merchant's API call to the consumer's consent, one step at a time."""
