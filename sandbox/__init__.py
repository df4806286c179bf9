"""The outside world for demo, tests and chaos: one process, one SQLite file, reached over HTTP only."""
