"""The back office's pages of orders, plans, charges and decisions, in words for operators."""
