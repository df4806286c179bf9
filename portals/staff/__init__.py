"""What operators and members of teams have in common: their second factor."""
