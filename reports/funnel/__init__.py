"""The funnel of checkouts: how many people reach each page, how long it takes them, where they stop, and why."""
