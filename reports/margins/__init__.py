"""What sales earn and cost: fees, interest, the cost of money, and losses, known and expected."""
