"""Benchmarks: each compares the product with the best possible for the same SQL statements."""
