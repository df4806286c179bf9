"""Models learned from labelled tables: scorecards, boosted challengers, their versions and their scores."""
