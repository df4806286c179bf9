"""Sessions, orders, reviews, captures, refunds."""
