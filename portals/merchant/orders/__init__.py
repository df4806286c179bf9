"""Orders: the list, one order, and what a shop does with it."""
