"""Companies that look at the pictures that people send."""
