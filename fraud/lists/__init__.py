"""Block and allow lists: values for which operators refuse or allow attempts to buy."""
