"""Pages of what is on offer: products of a market and the settings of its law, changed by two people."""
