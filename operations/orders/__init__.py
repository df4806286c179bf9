"""The back office's pages of orders, plans, charges and decisions, as people read them."""
