"""The consumer portal: what the consumer owes and can spend, and the details."""
