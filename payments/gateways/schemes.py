"""The schemes with which Stripe debits bank accounts (docs.stripe.com/payments/bank-debits): each has one currency."""

SCHEMES = {"EUR": "sepa_debit", "GBP": "bacs_debit", "USD": "us_bank_account"}
"""Scheme by currency, as Stripe calls it."""
