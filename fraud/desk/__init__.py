"""The fraud desk: attempts that need eyes, and what they turned out to be."""
