"""The overview: figures of the shop, and its newest orders."""
