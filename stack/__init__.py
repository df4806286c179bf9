"""The embedded stack: PostgreSQL, Redis and every process of the platform under one supervisor, on one machine.

Nothing in here needs Django: the supervisor stays small, starts at once, and lives on when the application does not import.
"""
