"""What the benchmarks of the due run stand on: the installments that are due, the gateways, the limit."""
