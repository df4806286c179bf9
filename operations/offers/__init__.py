"""Pages of products and of the legal settings of markets, both changed by two people."""
