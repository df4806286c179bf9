"""Payments to come and past ones, cards and bank accounts."""
