"""Data sources, scorecard, limits, decisions."""
