"""Pure rule sets: typed facts, conditions in CEL, and their outcomes."""
