"""Doors of payments for machines."""
