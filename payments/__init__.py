"""Gateways, payment methods, charges, refunds, payouts."""
