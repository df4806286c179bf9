"""Benchmarks: most compare the product with the fastest possible execution of the same SQL statements."""
