"""What shops pay for their customers."""
