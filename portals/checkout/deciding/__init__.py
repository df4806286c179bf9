"""The second step: missing details, then the decision."""
