"""Sessions, orders, holds, captures, refunds."""
