"""The embedded stack: PostgreSQL, Redis and every process of the platform under one supervisor, on one machine.

Nothing here needs Django: the supervisor stays small, starts at once, and keeps running when the application cannot be imported.
"""
