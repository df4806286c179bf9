"""Benchmarks: each compares the product with the best that its own statements allow."""
