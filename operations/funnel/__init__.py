"""The page of the funnel: how far people come in checkouts, and where they stop."""
