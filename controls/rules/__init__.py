"""Rule sets: typed facts, conditions in CEL over them, and what follows where a condition holds; pure."""
