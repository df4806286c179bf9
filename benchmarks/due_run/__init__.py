"""Shared by the benchmarks of the due run: the due installments, the gateways, the limit."""
