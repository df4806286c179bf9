"""The consumer portal: what is owed, what can be spent, and everything behind it."""
