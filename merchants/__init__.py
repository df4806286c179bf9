"""Merchant accounts, pricing, keys, team, settlement."""
