"""The hosted checkout: from a shop's call to consent, a step at a time."""
