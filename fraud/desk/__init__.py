"""The fraud desk: attempts that need a person to look at them, and their labels."""
